import { expect } from 'chai';
import express from 'express';
import { httpClient } from '../../../tests/support/api/http-client.ts';
import { HttpServer } from './http-server.ts';
import { messageClasses } from './message-classes.ts';

describe('messageClasses', () => {
  it('makes requests and responses that Express finds as it wants them, with all its methods', async () => {
    const app = express();
    const messages = messageClasses(app);
    const asBorn: boolean[] = [];
    app.get('/', (request, response) => void response.status(201).json({ ip: request.ip, query: request.query }));
    const server = new HttpServer({
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      messages,
      listener(request, response) {
        asBorn.push(Object.getPrototypeOf(request) === app.request, Object.getPrototypeOf(response) === app.response);
        app(request, response);
        asBorn.push(Object.getPrototypeOf(request) === app.request, Object.getPrototypeOf(response) === app.response);
      },
    });
    await server.start();
    const answer = await httpClient(server.address().url)('GET', '/?a=1');
    await server.stop();
    expect(answer.status).to.equal(201);
    expect(answer.body).to.deep.equal({ ip: '127.0.0.1', query: { a: '1' } });
    expect(asBorn).to.deep.equal([true, true, true, true]);
  });
});
