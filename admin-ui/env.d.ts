declare module 'virtual:jackfield-theme.css';
