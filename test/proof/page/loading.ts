/** A program for a page: keeps what it tells about the first state, in `loading`. */
export const LOADING = `{
  globalThis.loading = [];
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll('.banner p'))
      if (textContent.startsWith('Loading')) globalThis.loading.push(textContent);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}`;
