// Every page of the console that can be opened without knowing an id, with the heading that it has.
export type Place = { path: string; heading: RegExp | string };

export const CONSOLE: Place[] = [
  { path: '/dashboard', heading: 'Overview' },
  { path: '/customers', heading: /^(Tenants|Customers)/ },
  { path: '/plans', heading: /^Plans/ },
  { path: '/coupons', heading: /^Coupons/ },
  { path: '/coupons/new', heading: 'New coupon' },
  { path: '/settings/billing', heading: 'Billing' },
  { path: '/settings/taxes', heading: 'Taxes' },
  { path: '/meters', heading: /^Meters/ },
  { path: '/meters/new', heading: 'New meter' },
  { path: '/usage', heading: /^Usage/ },
  { path: '/usage/events', heading: /^Usage events/ },
  { path: '/subscriptions', heading: /^Subscriptions/ },
  { path: '/revenue', heading: /^Revenue/ },
  { path: '/payments', heading: /^Payments/ },
  { path: '/receipts', heading: /^Receipts/ },
  { path: '/notifications', heading: /^Notifications/ },
  { path: '/imports', heading: /^Imports/ },
  { path: '/jobs', heading: /^Jobs/ },
  { path: '/audit', heading: /^Audit log/ },
  { path: '/api-keys', heading: /^API keys/ },
  { path: '/settings/profile', heading: /^(Settings|Profile)/ },
];

/** Pages that are reached from another: a list and its first row. */
export const DETAILS = ['/customers', '/subscriptions', '/plans', '/payments'];
