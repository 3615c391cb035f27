// The page of a browser phone in the tests: JsSIP and a fake microphone that beeps once a second.
import JsSIP from 'jssip';

globalThis.softphone = {
  registered: false,
  cause: null,
  session: null,
  ringing: false,
  up: false,

  start({ socket, uri, password }) {
    const agent = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(socket)], uri, password });
    agent.on('registered', () => {
      this.registered = true;
    });
    agent.on('registrationFailed', ({ cause }) => {
      this.cause = cause;
    });
    agent.on('newRTCSession', ({ session }) => {
      this.session = session;
      this.ringing = session.direction === 'incoming';
      this.up = false;
      session.on('peerconnection', ({ peerconnection }) => {
        // What nobody plays is not decoded.
        peerconnection.addEventListener('track', ({ streams, track }) => {
          const audio = new Audio();
          audio.srcObject = streams[0] ?? new MediaStream([track]);
          audio.play();
        });
      });
      session.on('confirmed', () => {
        this.up = true;
      });
      for (const end of ['ended', 'failed']) {
        session.on(end, () => {
          this.up = false;
          this.ringing = false;
        });
      }
    });
    agent.start();
  },

  answer() {
    this.session.answer({ mediaConstraints: { audio: true, video: false } });
  },

  hangup() {
    this.session.terminate();
  },

  /** Codec of what is heard, and all the energy heard so far. */
  async heard() {
    const stats = await this.session.connection.getStats();
    for (const report of stats.values()) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'audio') continue;
      return { codec: stats.get(report.codecId)?.mimeType ?? '', energy: report.totalAudioEnergy ?? 0 };
    }
    return { codec: '', energy: 0 };
  },
};
