import type { MetricBook } from './metric-book.ts';

export function realtimeMetrics(book: MetricBook) {
  return {
    sockets: book.gauge('weir_sockets_open', { by: 'api', help: 'Open sockets of this replica.' }),
    frames: book.counter('weir_frames_sent_total', { by: 'api', help: 'Frames sent by type.', labels: ['type'] }),
    dropped: book.counter('weir_frames_dropped_total', {
      by: 'api',
      help: 'Frames left out for sockets that were behind.',
    }),
    resumes: book.counter('weir_resumes_total', {
      by: 'api',
      help: 'Sockets greeted or caught up, by outcome.',
      labels: ['outcome'],
    }),
    closes: book.counter('weir_sockets_closed_total', {
      by: 'api',
      help: 'Sockets closed by code; codes that are neither standard nor ours are "other".',
      labels: ['code'],
    }),
  };
}
