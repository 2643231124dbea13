// Before anything is painted: the theme that was chosen, so that a dark page never flashes white.
try {
  const theme = JSON.parse(localStorage.getItem('pocketsam.theme'));
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme holds.
}
