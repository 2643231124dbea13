// Error and info messages, shown until dismissed; infos also disappear by themselves.

import { element, icon } from './dom.js';

const NEWS = 9000;

export class Notices {
  constructor(region) {
    this.region = region;
  }

  /** Shows an error; it replaces a notice with the same `id`. */
  error(text, options) {
    this.#show('error', text, options);
  }

  info(text, options) {
    const notice = this.#show('info', text, options);
    setTimeout(() => notice.remove(), NEWS);
  }

  dismiss(id) {
    this.region.querySelector(`[data-id="${CSS.escape(id)}"]`)?.remove();
  }

  #show(kind, text, { id = text, action } = {}) {
    this.dismiss(id);
    const notice = element('div', { class: `notice notice-${kind}`, role: kind === 'error' ? 'alert' : 'status', data: { id } },
      icon(kind === 'error' ? 'alert' : 'info'),
      element('p', {}, text));
    if (action) {
      const run = () => {
        notice.remove();
        action.run();
      };
      notice.append(element('button', { class: 'button button-small', type: 'button', on: { click: run } }, action.label));
    }
    notice.append(element('button', {
      class: 'icon-button', type: 'button', title: 'Dismiss', aria: { label: 'Dismiss' }, on: { click: () => notice.remove() },
    }, icon('close')));
    this.region.append(notice);
    return notice;
  }
}
