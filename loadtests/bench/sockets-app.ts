/** The reference of sockets.ts: bare `ws`, which lets everybody in and knows nobody. Port as the argument; tells all on a message of its parent. */
import { WebSocketServer } from 'ws';

const sockets = new WebSocketServer({
  port: Number(process.argv[2]),
  host: '127.0.0.1',
  backlog: 4_096,
  perMessageDeflate: false,
});
sockets.on('connection', (socket) => socket.send('{"type":"SNAPSHOT"}'));
sockets.on('listening', () => process.send?.('listening'));
process.on('message', (text: string) => {
  for (const socket of sockets.clients) socket.send(text);
});
process.on('disconnect', () => process.exit());
