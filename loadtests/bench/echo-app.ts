/** The reference of the HTTP benches: what Express costs when nothing is done. Started as a process of its own with the port as argument. */
import express from 'express';

const app = express();
app.use(express.json());
app.post('/api/v1/trigger', (request, response) => {
  response.status(202).json(request.body);
});
app.get('/ready', (_request, response) => {
  response.json({ ready: true });
});
app.listen(Number(process.argv[2]), '127.0.0.1');
