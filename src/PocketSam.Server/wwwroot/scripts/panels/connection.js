// What goes on between the page and the service: a word in the header, progress over the photo, a line where it is lost.

import { byId } from '../dom.js';

const WORDS = {
  idle: 'No photo',
  uploading: 'Uploading',
  queued: 'Waiting',
  encoding: 'Encoding',
  ready: 'Ready',
  lost: 'No answer',
  failed: 'Failed',
};

export function mountLink(app) {
  const chip = byId('link');
  const pill = byId('progress');
  const bar = byId('progress-bar');
  const text = byId('progress-text');
  const lost = byId('lost');
  byId('retry').addEventListener('click', () => app.work?.session.retryNow());
  setInterval(() => showWait(app.state.link), 500);

  app.store.watch(['link', 'photo'], ({ link, photo }, previous) => {
    const isSame = link.phase === previous.link?.phase && photo === previous.photo;
    chip.dataset.phase = link.phase;
    byId('surface').dataset.phase = link.phase;
    byId('link-text').textContent = WORDS[link.phase];
    byId('link-time').textContent = link.phase === 'ready' ? timeText(app) : '';
    const isBusy = ['uploading', 'queued', 'encoding'].includes(link.phase);
    pill.hidden = !isBusy || !photo;
    lost.hidden = link.phase !== 'lost';
    if (isBusy) {
      text.textContent = busyText(link);
      if (Number.isFinite(link.fraction)) bar.value = link.fraction;
      else bar.removeAttribute('value');
    }
    showWait(link);
    if (isSame) return;
    if (link.phase === 'ready') app.announce('The photo is ready. Point at things.');
    else if (isBusy) app.announce(busyText(link));
    else if (link.phase === 'lost') app.announce(`${link.message} Trying again. Nothing is lost.`);
  });
}

function busyText({ phase, fraction, position }) {
  if (phase === 'uploading') return fraction < 1 ? `Uploading, ${Math.round(fraction * 100)} %` : 'Uploaded; the service reads it';
  if (phase === 'queued') return position > 0 ? `Waiting, ${position} before this photo` : 'Waiting';
  return 'Encoding; you can click already';
}

function timeText(app) {
  const time = app.work?.predictor.lastRoundTrip;
  return time ? `${Math.round(time)} ms` : '';
}

function showWait({ phase, message, until }) {
  if (phase !== 'lost') return;
  const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  byId('lost-text').textContent = `${message} ${seconds ? `Trying again in ${seconds} s.` : 'Trying again …'} Nothing is lost.`;
}
