import { join } from 'node:path';
import express, { type RequestHandler } from 'express';
import { PACKAGE_ROOT } from '../../../shared/config/package.ts';

/** Only what the console brings itself: no script, style, picture or connection from elsewhere, and nobody frames it. */
export const CONSOLE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** A release names its files by their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ALWAYS_ASKED = 'no-cache';

const HEADERS = {
  'Content-Security-Policy': CONSOLE_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * The console's files for a replica without Nginx before it (nginx/snippets/console.conf serves the same with the same headers).
 * Addresses of pages inside the console get its one document; what else is not there goes on to the next handler.
 */
export function consoleFiles(folder: string = join(PACKAGE_ROOT, 'dist', 'web')): RequestHandler {
  const files = express.static(folder, {
    index: false,
    redirect: false,
    setHeaders: (response, path) =>
      void response.setHeader('Cache-Control', path.includes('/assets/') ? FOR_EVER : ALWAYS_ASKED),
  });
  const router = express.Router();
  router.use((_request, response, next) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    next();
  });
  router.use(files);
  router.get(/^\/(?!assets\/)[^.]*$/, (_request, response, next) => {
    response.setHeader('Cache-Control', ALWAYS_ASKED);
    response.sendFile('index.html', { root: folder }, (error) => {
      if (error) next();
    });
  });
  return router;
}
