import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { until } from '../until.ts';
import { type Notification, notificationOf, statusOf } from './notification.ts';

/** Only whoever gives it may send mails. */
const MAIL_LOGIN = { user: 'weir', password: "it's a secret" };

/** PagerDuty, Opsgenie, Slack and a mail server in one, which write down what they are told. */
export class NotificationRecorder {
  /** In the order of arrival. */
  readonly all: Notification[] = [];
  /** Requests that no service would have accepted. */
  readonly faults: string[] = [];
  private readonly web: Server;
  private readonly post: SMTPServer;

  private constructor() {
    this.web = createServer((request, response) => {
      void text(request).then((body) => {
        const notification = notificationOf(request.url ?? '', request.headers, body);
        if (notification === undefined) this.faults.push(`${request.method} ${request.url}: ${body}`);
        else this.all.push(notification);
        response.writeHead(notification === undefined ? 404 : 202).end('ok');
      });
    });
    this.post = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, _session, done) => {
        const right = username === MAIL_LOGIN.user && password === MAIL_LOGIN.password;
        if (right) return done(null, { user: username });
        this.faults.push(`mail login ${username}`);
        return done(new Error('unknown user or wrong password'));
      },
      onData: (stream, session, done) => {
        void buffer(stream).then(async (mail) => {
          const { subject: title = '', text: body = '' } = await PostalMime.parse(mail);
          const to = session.envelope.rcptTo.map(({ address }) => address).join(' ');
          this.all.push({ at: Date.now(), means: 'mail', to, status: statusOf(title), title, text: body });
          done();
        });
      },
    });
  }

  static async open(): Promise<NotificationRecorder> {
    const recorder = new NotificationRecorder();
    await new Promise<void>((resolve) => recorder.web.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => recorder.post.listen(0, '127.0.0.1', resolve));
    return recorder;
  }

  private get webUrl(): string {
    return `http://127.0.0.1:${(this.web.address() as AddressInfo).port}`;
  }

  /** `ALERT_*` with which Alertmanager finds its way here; whom mails go to is not among them. */
  get addresses(): Record<string, string> {
    return {
      ALERT_PAGERDUTY_URL: `${this.webUrl}/pagerduty`,
      ALERT_OPSGENIE_URL: `${this.webUrl}/opsgenie/`,
      ALERT_MAIL_SMARTHOST: `127.0.0.1:${(this.post.server.address() as AddressInfo).port}`,
      ALERT_MAIL_TLS: 'false',
      ALERT_MAIL_USER: MAIL_LOGIN.user,
    };
  }

  /** Keys that go with the addresses. */
  get keys(): Record<string, string> {
    return { 'mail-password': MAIL_LOGIN.password, 'slack-url': `${this.webUrl}/slack/team` };
  }

  /** What was told about an alert, to whom (default everybody). */
  about(alert: string, to?: string): Notification[] {
    return this.all.filter(
      (each) => (to === undefined || each.to === to) && (each.title.includes(alert) || each.text.includes(alert)),
    );
  }

  /** Recipients in the order in which they were told about an alert; what is over has an `over:` in front. */
  told(alert: string): string[] {
    return this.about(alert).map(({ to, status }) => (status === 'firing' ? to : `over: ${to}`));
  }

  /** Waits until `to` has been told about `alert` for the nth time (default 1). */
  until(alert: string, to: string, status: Notification['status'] = 'firing', nth = 1): Promise<Notification> {
    return until(() => this.about(alert, to).filter((each) => each.status === status)[nth - 1], {
      timeoutMs: 20_000,
      what: `${to} to be told that ${alert} is ${status} (${nth}); until now: ${JSON.stringify(this.told(alert))}`,
    });
  }

  async close(): Promise<void> {
    this.web.closeAllConnections();
    await Promise.all([
      new Promise<void>((resolve) => this.web.close(() => resolve())),
      new Promise<void>((resolve) => this.post.close(() => resolve())),
    ]);
  }
}
