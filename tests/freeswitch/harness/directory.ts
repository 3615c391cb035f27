import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import {
  CARRIER_DOMAIN,
  type ProvisioningLookup,
  type SipCarrier,
  type SipGateway,
} from '../../../core/src/freeswitch/provisioning/contract.ts';
import { a1Hash } from '../../../core/src/freeswitch/provisioning/directory-xml.ts';
import { createProvisioning } from '../../../core/src/freeswitch/provisioning/provisioning.ts';

export interface Account {
  readonly password: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * The accounts of a test, answered to FreeSWITCH by the product's own provisioning over HTTP. Changes of users
 * count at once; after changes of gateways and carriers call `fs.refresh()`.
 */
export class Directory implements ProvisioningLookup {
  /** By `user@domain`. */
  readonly accounts = new Map<string, Account>();
  readonly gatewaysByName = new Map<string, SipGateway>();
  /** Loopback may call in from the beginning. */
  readonly carriersById = new Map<string, SipCarrier>([
    ['loopback', { id: 'loopback', networks: ['127.0.0.0/8'] }],
  ]);
  /** What was asked, newest last; without digests. */
  readonly questions: { section: string; purpose: string; user: string; domain: string }[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(secret: string): Promise<Directory> {
    const app = new Koa();
    app.silent = true;
    const server = createServer();
    const directory = new Directory(server);
    app.use(createProvisioning({ secret, lookup: directory }));
    server.on('request', app.callback());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return directory;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/switch/xml`;
  }

  async user(user: string, domain: string) {
    this.questions.push({ section: 'directory', purpose: '', user, domain });
    const account = this.accounts.get(`${user}@${domain}`);
    return account ? { a1Hash: a1Hash(user, domain, account.password), variables: account.variables } : null;
  }

  async gateways(profile: string) {
    this.questions.push({ section: 'directory', purpose: 'gateways', user: '', domain: profile });
    return profile === 'trunk' ? [...this.gatewaysByName.values()] : [];
  }

  async carriers() {
    this.questions.push({ section: 'directory', purpose: 'carriers', user: '', domain: CARRIER_DOMAIN });
    return [...this.carriersById.values()];
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
