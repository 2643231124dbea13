// What others do, and what the server does on its own, as it happens.

const KINDS = ['picture', 'presence', 'classes', 'pictures'];
const PAUSE = 250;

export function listen(app, list) {
  const source = new EventSource(app.client.eventsUrl());
  let wasLost = false;
  let refreshing;

  const refresh = () => {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => {
      list.refresh();
      app.refreshProject().catch(() => {});
    }, PAUSE);
  };
  const take = ({ data }) => {
    let event;
    try {
      event = JSON.parse(data);
    } catch {
      return;
    }
    if (event.kind === 'presence') list.presence(event.id, event.openBy);
    else if (event.kind === 'classes') app.refreshProject().catch(() => {});
    else if (event.kind === 'pictures') refresh();
    else if (event.kind === 'picture' && event.tab !== app.client.tab) {
      refresh();
      app.changedElsewhere(event);
    }
  };
  source.addEventListener('message', take);
  for (const kind of KINDS) source.addEventListener(kind, take);
  source.addEventListener('error', () => (wasLost = true));
  source.addEventListener('open', () => {
    if (!wasLost) return;
    wasLost = false;
    app.outbox.kick();
    refresh();
  });
}
