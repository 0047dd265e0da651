/** What one recipient was told, whatever it came by. */
export interface Notification {
  /** When it arrived (ms since the epoch). */
  at: number;
  means: 'pagerduty' | 'opsgenie' | 'slack' | 'mail';
  /** The key of PagerDuty or Opsgenie, the path of Slack's address, the address of a mail. */
  to: string;
  status: 'firing' | 'resolved';
  title: string;
  text: string;
  /** What the service recognises an incident by; mails and Slack have none. */
  incident?: string;
}

/** As PagerDuty's Events API v2 gets it. */
interface PagerDutyEvent {
  routing_key: string;
  dedup_key: string;
  event_action: 'trigger' | 'resolve';
  payload: { summary: string; severity: string; component: string; custom_details: { alerts: string } };
}

interface SlackMessage {
  attachments: [{ title: string; text: string; color: string }];
}

/** Undefined: not a notification of any service that Alertmanager is told to use. */
export function notificationOf(
  path: string,
  headers: { authorization?: string | undefined },
  body: string,
): Notification | undefined {
  const at = Date.now();
  if (path === '/pagerduty') {
    const event = JSON.parse(body) as PagerDutyEvent;
    return {
      at,
      means: 'pagerduty',
      to: event.routing_key,
      status: event.event_action === 'trigger' ? 'firing' : 'resolved',
      title: event.payload.summary,
      text: event.payload.custom_details.alerts,
      incident: event.dedup_key,
    };
  }
  if (path.startsWith('/opsgenie/v2/alerts')) return opsgenie(at, path, headers.authorization ?? '', body);
  if (path.startsWith('/slack/')) {
    const [{ title, text }] = (JSON.parse(body) as SlackMessage).attachments;
    return { at, means: 'slack', to: path.replace('/slack/', ''), status: statusOf(title), title, text };
  }
  return undefined;
}

/** The end of an alert is a request of its own, which names only its alias. */
function opsgenie(at: number, path: string, authorization: string, body: string): Notification {
  const to = authorization.replace('GenieKey ', '');
  const [, closed] = /^\/opsgenie\/v2\/alerts\/([^/]+)\/close/.exec(path) ?? [];
  if (closed !== undefined)
    return { at, means: 'opsgenie', to, status: 'resolved', title: '', text: '', incident: closed };
  const { alias, message, description } = JSON.parse(body) as { alias: string; message: string; description: string };
  return { at, means: 'opsgenie', to, status: 'firing', title: message, text: description, incident: alias };
}

/** Titles say it to people, in words (monitoring/alertmanager/notifications.tmpl). */
export function statusOf(title: string): Notification['status'] {
  return /^(Level \d: )?RESOLVED: /.test(title) ? 'resolved' : 'firing';
}
