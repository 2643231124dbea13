// The theme: light, dark, or the system's.

import { byId, setIcon } from '../dom.js';

const THEMES = ['auto', 'light', 'dark'];
const WORDS = { auto: 'as the system', light: 'light', dark: 'dark' };
const ICONS = { auto: 'theme', light: 'sun', dark: 'moon' };

export function mountTheme(app) {
  const button = byId('theme');
  button.addEventListener('click', next);
  app.store.watch(['theme'], ({ theme }) => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    setIcon(button, ICONS[theme]);
    button.title = `Theme: ${WORDS[theme]} (T)`;
    button.setAttribute('aria-label', `Theme: ${WORDS[theme]}`);
  });

  function next() {
    const theme = THEMES[(THEMES.indexOf(app.state.theme) + 1) % THEMES.length];
    app.store.update({ theme });
    app.announce(`Theme: ${WORDS[theme]}.`);
  }
  return { next };
}
