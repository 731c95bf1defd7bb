// Every page of the console that can be opened without knowing an id, with the heading that it has.
export type Place = { path: string; heading: RegExp | string };

export const CONSOLE: Place[] = [
  { path: '/dashboard', heading: 'Overview' },
  { path: '/customers', heading: /^(Tenants|Customers)/ },
  { path: '/plans', heading: /^Plans/ },
  { path: '/subscriptions', heading: /^Subscriptions/ },
  { path: '/revenue', heading: /^Revenue/ },
  { path: '/payments', heading: /^Payments/ },
  { path: '/receipts', heading: /^Receipts/ },
  { path: '/webhook-events', heading: /^Webhook events/ },
  { path: '/notifications', heading: /^Notifications/ },
  { path: '/imports', heading: /^Imports/ },
  { path: '/jobs', heading: /^Jobs/ },
  { path: '/audit', heading: /^Audit log/ },
  { path: '/api-keys', heading: /^API keys/ },
  { path: '/settings/profile', heading: /^(Settings|Profile)/ },
  { path: '/settings/gateways', heading: /^(Settings|Gateways)/ },
];

/** Pages that are reached from another: a list and its first row. */
export const DETAILS = ['/customers', '/subscriptions', '/plans', '/payments'];
