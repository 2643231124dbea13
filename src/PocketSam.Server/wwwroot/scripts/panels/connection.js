// State of the connection to the service: a word in the header, progress over the photo, and a message when the
// connection is lost.

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

export function mountConnection(app) {
  const chip = byId('connection');
  const pill = byId('progress');
  const bar = byId('progress-bar');
  const text = byId('progress-text');
  const lost = byId('lost');
  byId('retry').addEventListener('click', () => app.session?.remote.retryNow());
  setInterval(() => showWait(app.state.connection), 500);

  app.store.watch(['connection', 'photo'], ({ connection, photo }, previous) => {
    const isSame = connection.phase === previous.connection?.phase && photo === previous.photo;
    chip.dataset.phase = connection.phase;
    const isHere = Boolean(app.session?.predictor.decoded);
    chip.dataset.masks = isHere ? 'here' : 'service';
    chip.title = isHere ? 'This browser makes the masks of prompts' : '';
    byId('surface').dataset.phase = connection.phase;
    byId('connection-text').textContent = WORDS[connection.phase];
    byId('connection-time').textContent = connection.phase === 'ready' ? timeText(app) : '';
    const isBusy = ['uploading', 'queued', 'encoding'].includes(connection.phase);
    pill.hidden = !isBusy || !photo;
    lost.hidden = connection.phase !== 'lost';
    if (isBusy) {
      text.textContent = busyText(connection);
      if (Number.isFinite(connection.fraction)) bar.value = connection.fraction;
      else bar.removeAttribute('value');
    }
    showWait(connection);
    if (isSame) return;
    if (connection.phase === 'ready') app.announce('The photo is ready. Point at things.');
    else if (isBusy) app.announce(busyText(connection));
    else if (connection.phase === 'lost') app.announce(`${connection.message} Trying again. Nothing is lost.`);
  });
}

function busyText({ phase, fraction, position }) {
  if (phase === 'uploading') return fraction < 1 ? `Uploading, ${Math.round(fraction * 100)} %` : 'Uploaded; the service reads it';
  if (phase === 'queued') return position > 0 ? `Waiting, ${position} before this photo` : 'Waiting';
  return 'Encoding; you can click already';
}

function timeText(app) {
  const time = app.session?.predictor.lastRoundTrip;
  return time ? `${Math.round(time)} ms` : '';
}

function showWait({ phase, message, until }) {
  if (phase !== 'lost') return;
  const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  byId('lost-text').textContent = `${message} ${seconds ? `Trying again in ${seconds} s.` : 'Trying again …'} Nothing is lost.`;
}
