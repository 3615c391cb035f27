import { createSocket, type Socket } from 'node:dgram';
import { Changes } from './changes.ts';
import { alawDecode, goertzel, rms, toneFrame } from './tones.ts';

const KEYS = '0123456789*#ABCD';
const PCMA = 8;
const TELEPHONE_EVENT = 101;
const FRAME_MS = 20;
/** What is heard is judged over this many samples (200 ms). */
const WINDOW = 1_600;
/** Amplitude from which a tone counts as heard; the phones send 8,000. */
const AUDIBLE = 800;

interface Press {
  readonly key: number;
  readonly frames: number;
  readonly gap: number;
  readonly done: () => void;
  sent: number;
  timestamp: number;
}

/** The voice of one call: sends a tone (or silence) and RFC 2833 keys as PCMA, and measures what comes. */
export class Rtp {
  /** Frequency it sends; 0 is silence. */
  tone: number;
  /** No packets are sent while false, as by a phone that is on hold. */
  sending = true;
  /** Keys received so far. */
  digits = '';
  packetsReceived = 0;
  readonly changes = new Changes(() => `${this.packetsReceived} packets received`);

  readonly #socket: Socket;
  readonly #heard = new Int16Array(WINDOW);
  #heardCount = 0;
  #lastPacketAt = 0;
  #lastEvent = -1;
  #remote: { address: string; port: number } | null = null;
  #sequence = Math.floor(Math.random() * 30_000);
  #timestamp = Math.floor(Math.random() * 2 ** 28);
  readonly #ssrc = Math.floor(Math.random() * 2 ** 32);
  readonly #presses: Press[] = [];
  #frame = 0;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  private constructor(socket: Socket, tone: number) {
    this.#socket = socket;
    this.tone = tone;
    socket.on('message', (packet) => this.#receive(packet));
    socket.on('error', () => {});
  }

  static open(tone: number): Promise<Rtp> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 18 });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', () => {
        socket.off('error', reject);
        resolve(new Rtp(socket, tone));
      });
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Where to send to; the first call begins to send. */
  connect(address: string, port: number): void {
    this.#remote = { address, port };
    if (this.#timer || this.#closed) return;
    let due = performance.now();
    const tick = (): void => {
      // What the event loop was late with is made up for, or the other side would hear holes.
      for (; due <= performance.now(); due += FRAME_MS) this.#send();
      this.#timer = setTimeout(tick, Math.max(1, due - performance.now()));
    };
    tick();
  }

  /** Presses keys one after the other; resolves when the last has been sent. */
  async press(
    keys: string,
    { toneMs = 100, gapMs = 100 }: { toneMs?: number; gapMs?: number } = {},
  ): Promise<void> {
    await Promise.all(
      [...keys].map(
        (key) =>
          new Promise<void>((done) => {
            const frames = Math.max(2, Math.round(toneMs / FRAME_MS));
            const gap = Math.round(gapMs / FRAME_MS);
            this.#presses.push({ key: KEYS.indexOf(key), frames, gap, done, sent: 0, timestamp: 0 });
          }),
      ),
    );
  }

  /** Amplitude of a tone in the last 200 ms; 0 when no packet came for 100 ms. */
  level(hz: number): number {
    return this.#isSilentLine() ? 0 : goertzel(this.#window(), hz);
  }

  /** Loudness of the last 200 ms. */
  loudness(): number {
    return this.#isSilentLine() ? 0 : rms(this.#window());
  }

  /** Resolves when this tone is heard in what comes from now on. */
  async hears(hz: number, timeoutMs = 8_000): Promise<void> {
    const from = this.#heardCount;
    await this.changes.until(
      () => this.#heardCount - from >= WINDOW && this.level(hz) > AUDIBLE,
      `a tone of ${hz} Hz to be heard`,
      timeoutMs,
    );
  }

  /** Resolves when anything at all is heard in what comes from now on. */
  async hearsSomething(timeoutMs = 8_000): Promise<void> {
    const from = this.#heardCount;
    await this.changes.until(
      () => this.#heardCount - from >= WINDOW && this.loudness() > AUDIBLE / 4,
      'any sound to be heard',
      timeoutMs,
    );
  }

  /** Resolves when the tone (any sound without `hz`) has not been heard for `forMs`, be it silence or no packets. */
  async doesNotHear(hz?: number, { forMs = 600, timeoutMs = 8_000 } = {}): Promise<void> {
    const end = performance.now() + timeoutMs;
    let quietSince = performance.now();
    while (performance.now() - quietSince < forMs) {
      if (performance.now() > end)
        throw new Error(`waited ${timeoutMs} ms for ${hz ? `${hz} Hz` : 'all sound'} to stop`);
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
      const heard = hz === undefined ? this.loudness() > AUDIBLE / 4 : this.level(hz) > AUDIBLE;
      if (heard) quietSince = performance.now();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const press of this.#presses.splice(0)) press.done();
    this.#socket.close();
  }

  #isSilentLine(): boolean {
    return performance.now() - this.#lastPacketAt > 100;
  }

  #window(): Int16Array {
    return this.#heardCount < WINDOW ? this.#heard.subarray(0, this.#heardCount) : this.#heard;
  }

  #send(): void {
    if (!this.#remote || this.#closed) return;
    const press = this.#presses[0];
    if (press && press.sent < press.frames) this.#sendKey(press);
    else if (this.sending) {
      this.#packet(PCMA, toneFrame(this.tone, this.#frame), this.#timestamp);
      this.#waitAfter(press);
    } else this.#waitAfter(press);
    this.#frame++;
    this.#timestamp = (this.#timestamp + 160) >>> 0;
  }

  #sendKey(press: Press): void {
    if (press.sent === 0) press.timestamp = this.#timestamp;
    press.sent++;
    const isLast = press.sent === press.frames;
    const payload = Buffer.from([press.key, isLast ? 0x8a : 0x0a, 0, 0]);
    payload.writeUInt16BE(press.sent * 160, 2);
    // The end is sent three times (RFC 2833, 3.6).
    for (let i = 0; i < (isLast ? 3 : 1); i++) {
      this.#packet(TELEPHONE_EVENT, payload, press.timestamp, press.sent === 1);
    }
  }

  #waitAfter(press: Press | undefined): void {
    if (!press) return;
    press.sent++;
    if (press.sent < press.frames + press.gap) return;
    this.#presses.shift();
    press.done();
  }

  #packet(type: number, payload: Buffer, timestamp: number, marker = false): void {
    if (!this.#remote) return;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | type;
    header.writeUInt16BE(this.#sequence, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(this.#ssrc, 8);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#socket.send([header, payload], this.#remote.port, this.#remote.address);
  }

  #receive(packet: Buffer): void {
    if (packet.length < 13) return;
    const type = (packet[1] ?? 0) & 0x7f;
    this.packetsReceived++;
    this.#lastPacketAt = performance.now();
    if (type === TELEPHONE_EVENT) {
      const timestamp = packet.readUInt32BE(4);
      if (timestamp !== this.#lastEvent) this.digits += KEYS[packet[12] ?? 0] ?? '';
      this.#lastEvent = timestamp;
    } else if (type === PCMA) {
      const count = packet.length - 12;
      this.#heard.copyWithin(0, count);
      for (let i = 0; i < count; i++) this.#heard[WINDOW - count + i] = alawDecode(packet[12 + i] ?? 0xd5);
      this.#heardCount += count;
    }
    this.changes.notify();
  }
}
