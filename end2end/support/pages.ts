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
  { path: '/revenue/forecast', heading: /^Forecast/ },
  { path: '/reports', heading: /^Reports/ },
  { path: '/reports/aging', heading: /^Aging/ },
  { path: '/invoices', heading: /^Invoices/ },
  { path: '/invoices/new', heading: /^New invoice/ },
  { path: '/credit-notes', heading: /^Credit notes/ },
  { path: '/billing', heading: /^Billing/ },
  { path: '/payments', heading: /^Payments/ },
  { path: '/receipts', heading: /^Receipts/ },
  { path: '/dunning', heading: /^Dunning/ },
  { path: '/dunning/policies', heading: /^Dunning policies/ },
  { path: '/dunning/policies/new', heading: /^New policy/ },
  { path: '/mails', heading: /^Letters/ },
  { path: '/settings/sandbox', heading: 'Sandbox' },
  { path: '/settings/mail-templates', heading: 'Texts of letters' },
  { path: '/webhook-events', heading: /^Webhook events/ },
  { path: '/notifications', heading: /^Notifications/ },
  { path: '/imports', heading: /^Imports/ },
  { path: '/jobs', heading: /^Jobs/ },
  { path: '/audit', heading: /^Audit log/ },
  { path: '/api-keys', heading: /^API keys/ },
  { path: '/settings/profile', heading: /^(Settings|Profile)/ },
  { path: '/settings/gateways', heading: /^(Settings|Gateways)/ },
  { path: '/settings/password', heading: 'Password' },
  { path: '/settings/second-factor', heading: 'Second factor' },
  { path: '/settings/sessions', heading: 'Sessions' },
  { path: '/settings/organization', heading: 'Organization' },
  { path: '/settings/members', heading: 'Members' },
  { path: '/settings/rates', heading: 'Exchange rates' },
  { path: '/revenue/cohorts', heading: 'Cohorts' },
  { path: '/revenue/movements', heading: /^Movements/ },
  { path: '/customers/new', heading: /^New (tenant|customer)/ },
  { path: '/plans/new', heading: 'New plan' },
  { path: '/subscriptions/new', heading: /^New subscription/ },
  { path: '/imports/new', heading: /^Import/ },
];

/** What a tenant's staff see of their own bills. */
export const ACCOUNT: Place[] = [
  { path: '/account', heading: 'Our account' },
  { path: '/account/invoices', heading: /^Our invoices/ },
  { path: '/account/subscriptions', heading: /^Our subscriptions/ },
  { path: '/account/payment-methods', heading: /^Our payment methods/ },
];

/** The parts of a customer's page, behind its address. */
export const TABS = ['subscriptions', 'mrr', 'invoices', 'billing', 'payments', 'statement', 'dunning', 'activity'];

/** Pages that are reached from another: a list and its first row. */
export const DETAILS = ['/customers', '/subscriptions', '/plans', '/invoices', '/payments'];

/**
 * What links that lead to pages of one kind have in common: the path without ids, what a list is narrowed by; not how it is
 * shown, nor where in it one is. Nothing of a list that is narrowed by more than one thing.
 */
export function kindOf(href: string): string | null {
  const { pathname, searchParams } = new URL(href, 'http://here');
  const path = pathname.split('/').map((part) => (isId(part) ? ':id' : part)).join('/');
  const told = [...searchParams].filter(([key]) => !['sort', 'limit', 'columns', 'after', 'before', 'row', 'q'].includes(key));
  if (told.length > 1 || told.some(([, value]) => value.includes(','))) return null;
  // What stands in another state may be shown otherwise.
  return [path, ...told.map(([key, value]) => (['status', 'state', 'stage'].includes(key) ? `${key}=${value}` : key))].join(' ');
}

function isId(text: string): boolean {
  return /^([a-z]+_)?[0-9a-z-]{16,}$/i.test(text) && /\d/.test(text);
}
