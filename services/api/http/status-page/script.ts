/**
 * The script of the status page: now and then it takes the page anew and puts its `main` in place of the old one. Without an answer it says
 * since when, and never leaves "working" standing. A text, as it runs in the browser and nowhere here.
 */
export const STATUS_SCRIPT = `'use strict';
(() => {
  const EVERY_MS = 5000, LONGEST_MS = 60000;
  let pause = EVERY_MS, timer;

  const renew = async () => {
    clearTimeout(timer);
    try {
      const answer = await fetch('/status', { cache: 'no-store', signal: AbortSignal.timeout(10000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const next = page.querySelector('main');
      if (!next) throw new Error('no page');
      const old = document.querySelector('main');
      if (old.dataset.at !== next.dataset.at || old.dataset.stale !== next.dataset.stale) old.replaceWith(document.adoptNode(next));
      document.title = page.title;
      pause = EVERY_MS;
    } catch {
      lose();
      pause = Math.min(LONGEST_MS, pause * 2);
    }
    timer = setTimeout(renew, pause * (0.8 + Math.random() * 0.4));
  };

  const lose = () => {
    const main = document.querySelector('main');
    if (main.dataset.stale) return;
    main.dataset.stale = 'true';
    const at = new Date(main.dataset.at).toISOString();
    const sentence = 'As of ' + at.slice(11, 16) + ' UTC, live data unavailable';
    const banner = main.querySelector('.banner');
    banner.className = 'banner down';
    const head = document.createElement('h1');
    head.textContent = sentence;
    banner.replaceChildren(head);
    for (const state of main.querySelectorAll('.state')) {
      state.className = 'soft';
      state.textContent += ' at ' + at.slice(11, 16) + ' UTC';
    }
    document.title = sentence;
  };

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') renew();
    else clearTimeout(timer);
  });
  timer = setTimeout(renew, EVERY_MS);
})();
`;
