import { exchange, type Answer } from '../http/exchange.ts';

export interface Form {
  readonly method: 'GET' | 'POST';
  readonly action: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Follows redirects, keeps cookies by host, and sends the forms of pages. It runs no script. */
export class TextBrowser {
  /** Cookies by host, and by name. */
  readonly cookies = new Map<string, Map<string, string>>();
  url = '';
  answer: Answer | undefined;
  /** Every URL that was asked for. */
  readonly visited: string[] = [];

  get text(): string {
    return this.answer?.body.toString() ?? '';
  }

  /** Asks once, without following a redirect. */
  async ask(url: string, form?: Form): Promise<Answer> {
    const before = this.url === '' ? undefined : this.url;
    const target = new URL(url, before);
    const body = form?.method === 'POST' ? new URLSearchParams(form.values).toString() : undefined;
    const sent = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: new URL(before ?? target).origin,
    };
    const headers = {
      cookie: this.cookie(target),
      'user-agent': 'a text browser',
      ...(body === undefined ? {} : sent),
    };
    const answer = await exchange(target.origin, target.pathname + target.search, {
      method: form?.method ?? 'GET',
      headers,
      ...(body === undefined ? {} : { body }),
    });
    this.#keep(target, answer);
    this.url = target.href;
    this.answer = answer;
    this.visited.push(target.href);
    return answer;
  }

  /** Returns the Cookie header for a URL. */
  cookie(target: URL): string {
    return [...this.#jar(target)].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #jar({ host }: URL): Map<string, string> {
    const jar = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, jar);
    return jar;
  }

  #keep(target: URL, { headers }: Answer): void {
    const set = (headers['set-cookie'] ?? '').matchAll(/(?:^|, )([^=;, ]+)=([^;]*)/g);
    for (const [, name = '', value = ''] of set)
      if (value === '') this.#jar(target).delete(name);
      else this.#jar(target).set(name, value);
  }

  /** Asks, and follows redirects for as long as `follows` says so. */
  async open(url: string, form?: Form, follows: (location: URL) => boolean = () => true): Promise<Answer> {
    let answer = await this.ask(url, form);
    for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 20; hops++) {
      const location = new URL(answer.headers['location'] ?? '', this.url);
      if (!follows(location)) break;
      answer = await this.ask(location.href);
    }
    return answer;
  }

  /** Returns the forms of the page, each with its fields and with the button whose value is named. */
  form(button?: string): Form {
    const forms = [...this.text.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)];
    const found =
      forms.find(([, , content = '']) => button === undefined || content.includes(`value="${button}"`)) ??
      forms[0];
    if (found === undefined) throw new Error(`no form on the page: ${this.text}`);
    const [, about = '', content = ''] = found;
    const fields = [...content.matchAll(/<(?:input|button)([^>]*)>/g)]
      .map(([, attributes = '']) => attributes)
      .filter(
        (attributes) =>
          attributeOf(attributes, 'type') !== 'submit' || attributeOf(attributes, 'value') === button,
      )
      .map((attributes) => [attributeOf(attributes, 'name'), attributeOf(attributes, 'value')] as const)
      .filter(([name]) => name !== '');
    return {
      method: attributeOf(about, 'method').toLowerCase() === 'post' ? 'POST' : 'GET',
      action: attributeOf(about, 'action'),
      values: Object.fromEntries(fields),
    };
  }

  /** Fills a form in and sends it. */
  submit(
    { button, ...values }: Readonly<Record<string, string>> & { readonly button?: string },
    follows?: (location: URL) => boolean,
  ): Promise<Answer> {
    const form = this.form(button);
    const filled = { ...form, values: { ...form.values, ...values } };
    if (filled.method === 'POST') return this.open(filled.action, filled, follows);
    return this.open(`${filled.action}?${new URLSearchParams(filled.values).toString()}`, undefined, follows);
  }

  /** Logs in at a provider of `startProvider`, from the registry's page on. @param until as of `open` */
  async logIn(start: string, sub: string, until: (location: URL) => boolean = () => true): Promise<Answer> {
    await this.open(start);
    if (this.text.includes('name="login"')) await this.submit({ login: sub, password: 'any' }, until);
    if (this.text.includes('value="consent"')) await this.submit({}, until);
    return this.answer ?? (await this.ask(start));
  }
}

function attributeOf(attributes: string, name: string): string {
  const found = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].find(([, each]) => each === name);
  return (found?.[2] ?? '').replaceAll('&amp;', '&');
}
