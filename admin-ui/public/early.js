// Before the first paint: the theme and the language the user chose, so that nothing flashes white.
(() => {
  const root = document.documentElement;
  const theme = localStorage.getItem('jf.theme') || 'auto';
  const dark = theme === 'dark' || (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.classList.toggle('dark', dark);
  root.style.background = dark ? '#10161d' : '#f2f5f8';
})();
