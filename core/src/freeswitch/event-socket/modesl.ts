/**
 * modesl 1.2.1 with types. It has none of its own, and an ambient declaration would be missing in every program that
 * reaches this folder from another package.
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

export interface ModeslEvent {
  type: string | undefined;
  subclass: string | null | undefined;
  body: string;
  headers: { name: string; value: string | number }[];
  getHeader(name: string): string | number | null;
  addHeader(name: string, value: string | number): string | number;
  getBody(): string;
  getType(): string;
  serialize(format?: 'json' | 'plain' | 'xml'): string;
}

type Callback = (event: ModeslEvent) => void;

/** modesl's client as published, with the members that a subclass may replace. */
export interface ModeslClient extends EventEmitter {
  socket: Socket | null;
  password: string;
  connecting: boolean;
  authed: boolean;
  connected(): boolean;
  getInfo(): ModeslEvent | null;
  send(command: string, headers?: Record<string, unknown> | null): void;
  sendRecv(command: string, args?: unknown, callback?: Callback): void;
  api(command: string, args?: unknown, callback?: Callback): void;
  bgapi(command: string, args?: unknown, jobId?: unknown, callback?: Callback): void;
  events(format: string, events: string | string[], callback?: Callback): void;
  subscribe(events: string[], callback?: Callback): void;
  execute(application: string, argument?: unknown, uuid?: unknown, callback?: Callback): string;
  auth(callback?: (error: Error | null, event: ModeslEvent) => void): void;
  disconnect(): void;
  _onConnect(): void;
  _onError(error: Error): void;
  _onEvent(event: ModeslEvent, headers: Record<string, string | number>, body?: string): void;
}

export interface ModeslParser {
  on(name: 'esl::event', listener: Callback): this;
  _parseXmlBody(text: string): Record<string, unknown>;
}

interface Modesl {
  readonly Event: new (type?: string, subclass?: string) => ModeslEvent;
  readonly Connection: new (
    ...target: [host: string, port: number, password: string] | [socket: Socket]
  ) => ModeslClient;
  readonly Parser: new (socket: EventEmitter) => ModeslParser;
}

export const modesl: Modesl = createRequire(import.meta.url)('modesl');
