/** There was no answer: the address does not resolve, nobody listens, the connection broke or the time was up. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}
