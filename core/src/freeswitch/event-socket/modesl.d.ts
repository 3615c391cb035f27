/** The part of modesl 1.2.1 (which has no types) that modesl-connection.ts builds on. */
declare module 'modesl' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface ModeslHeader {
    name: string;
    value: string | number;
  }

  class Event {
    constructor(type?: string | Record<string, unknown>, subclass?: string);
    type: string | undefined;
    subclass: string | null | undefined;
    body: string;
    headers: ModeslHeader[];
    getHeader(name: string): string | null;
    addHeader(name: string, value: string | number): string | number;
    getBody(): string;
    getType(): string;
    serialize(format?: 'json' | 'plain' | 'xml'): string;
  }

  interface Connection extends EventEmitter {}
  class Connection {
    constructor(host: string, port: number, password: string, ready?: () => void);
    constructor(socket: Socket, ready?: () => void);
    socket: Socket | null;
    password: string;
    connecting: boolean;
    authed: boolean;
    parser: unknown;
    connected(): boolean;
    getInfo(): Event | null;
    send(command: string, args?: Record<string, unknown> | null): void;
    sendRecv(command: string, args?: unknown, callback?: (event: Event) => void): void;
    api(command: string, args?: unknown, callback?: (event: Event) => void): void;
    bgapi(command: string, args?: unknown, jobId?: unknown, callback?: (event: Event) => void): void;
    events(type: string, events: string | string[], callback?: (event: Event) => void): void;
    subscribe(events: string[], callback?: (event: Event) => void): void;
    execute(app: string, arg?: unknown, uuid?: unknown, callback?: (event: Event) => void): string;
    auth(callback?: (error: Error | null, event: Event) => void): void;
    disconnect(): void;
    _onConnect(): void;
    _onError(error: Error): void;
    _onEvent(event: Event, headers: Record<string, string | number>, body?: string): void;
  }

  class Parser {
    constructor(socket: EventEmitter);
    on(name: string, listener: (...args: never[]) => void): this;
    _parseXmlBody(text: string): Record<string, unknown>;
  }

  const modesl: { Event: typeof Event; Connection: typeof Connection; Parser: typeof Parser };
  export default modesl;
  export type { Connection, Event, Parser };
}
