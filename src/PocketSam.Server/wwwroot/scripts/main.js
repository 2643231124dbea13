// Creates and connects the parts of the page.

import { App } from './app.js';
import { byId, keepIcons } from './dom.js';
import { mountUpload } from './upload.js';
import { mountKeyboard } from './keyboard.js';
import { keyMap } from './keys.js';
import { Notices } from './notices.js';
import { mountDraft } from './panels/draft.js';
import { mountEverything } from './panels/everything.js';
import { mountExport } from './panels/export.js';
import { mountHelp } from './panels/help.js';
import { requestKey } from './panels/keydialog.js';
import { mountConnection } from './panels/connection.js';
import { mountObjects } from './panels/objects.js';
import { confirmDrop, mountPhotos } from './panels/photos.js';
import { mountWords } from './panels/words.js';
import { mountTheme } from './panels/theme.js';
import { mountTabs, mountToolbar } from './panels/toolbar.js';
import { Navigation } from './stage/navigation.js';
import { Scene } from './stage/scene.js';
import { Tools } from './stage/tools.js';

const surface = byId('surface');
const app = new App(new Notices(byId('notices')), byId('status'), { requestKey, confirmDrop });
const panels = { theme: mountTheme(app), open: () => byId('file').click() };
new Scene(surface, app.store);
const navigation = new Navigation(app.store);
const tools = new Tools(surface, app, navigation);
mountToolbar(app, navigation);
mountTabs();
mountConnection(app);
mountPhotos(app);
mountObjects(app);
Object.assign(panels, {
  draft: mountDraft(app),
  everything: mountEverything(app),
  words: mountWords(app),
  export: mountExport(app),
  help: mountHelp(app),
});
const map = keyMap(app, { tools, navigation, panels });
panels.help.list(map);
mountKeyboard(app, surface, tools, map);
mountUpload(app);
byId('host').textContent = location.host;
keepIcons();
app.loadInfo();
