// Applies the chosen theme before the first paint, so that a dark page does not flash white.
try {
  const theme = JSON.parse(localStorage.getItem('pocketsam.theme'));
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's theme applies.
}
