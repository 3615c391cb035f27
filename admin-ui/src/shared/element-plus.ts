export * from 'element-plus';
export { default } from 'element-plus';
