import { openFile } from './session.js';

/** Opens a recording that is dropped anywhere on the page. Without this, the browser would leave the page for the file. */
export function acceptDrops(): void {
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) void openFile(file);
  });
}
