import type { Page } from 'playwright-core';

/** A request that failed is the business of the page, which says so in words. */
const EXPECTED = /^(Failed to load resource|WebSocket connection to .* failed)/;

/** `complain` is told of errors of scripts, breaches of the policy, and requests to anybody but `origin`: there must be none. */
export function hearComplaints(page: Page, origin: string, complain: (complaint: string) => void): void {
  const { host } = new URL(origin);
  page.on('pageerror', (error) => complain(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) complain(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== host) complain(`asked ${request.url()}`);
  });
}
