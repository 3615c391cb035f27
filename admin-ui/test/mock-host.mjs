// A server as small as the shell needs, with everything in memory: for browser tests of the shell alone.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { Server } from 'socket.io';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const both = (zh, en) => ({ 'zh-CN': zh, en });
/** A grey square: what a captcha is made of does not matter here. */
const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNsaGj4DwAFhAKAjM1mJgAAAABJRU5ErkJggg==';

export const permissions = [
  'core:users',
  'core:roles',
  'core:plugins',
  'core:settings',
  'core:audit',
  'crm:read',
];

/** Plugin `crm` with the pages of test/fixture-plugin, and `interactions` without any. */
export function fixturePlugins(css = []) {
  return [
    {
      id: 'crm',
      version: '1.0.0',
      title: both('客户管理', 'Customers'),
      entry: '/ui/p/crm/1.0.0/index.js',
      css,
      pages: [
        {
          path: '/customers',
          title: both('客户列表', 'Customers'),
          permission: 'crm:read',
          component: 'CustomerList',
          menu: { section: 'customers', order: 10, icon: 'user-filled' },
        },
        {
          path: '/broken',
          title: both('故障页面', 'Broken page'),
          component: 'Broken',
          menu: { section: 'customers', order: 20, icon: 'Lollipop' },
        },
      ],
      slots: [
        { slot: 'shell.bar', component: 'Bar', order: 10 },
        { slot: 'workbench.conversation', component: 'Talk', order: 10 },
        { slot: 'workbench.customer', component: 'Card', order: 10 },
        { slot: 'workbench.customer', component: 'History', order: 20 },
      ],
      widgets: [],
    },
    {
      id: 'interactions',
      version: '1.0.0',
      title: both('会话', 'Contacts'),
      entry: null,
      css: [],
      pages: [],
      slots: [],
      widgets: [],
    },
  ];
}

export async function startMockHost({ dist, pluginDist, state: given = {} }) {
  const manifest = pluginDist ? JSON.parse(readFileSync(join(pluginDist, 'manifest.json'), 'utf8')) : {};
  const css = [
    ...new Set(
      Object.values(manifest).flatMap((chunk) => [
        ...(chunk.css ?? []),
        ...(chunk.file.endsWith('.css') ? [chunk.file] : []),
      ]),
    ),
  ];
  const state = {
    signedIn: true,
    locale: 'zh-CN',
    failures: 0,
    plugins: fixturePlugins(css.map((file) => `/ui/p/crm/1.0.0/${file}`)),
    contacts: [],
    customers: Array.from({ length: 57 }, (_, i) => ({
      id: `c${i}`,
      name: `${['王芳', '李伟', 'Ann Chen', '张敏', '刘洋'][i % 5]} ${i + 1}`,
      phone: `138****${String(1000 + i)}`,
      city: ['上海', '北京', '深圳'][i % 3],
      createdAt: Date.UTC(2026, 9, 1) + i * 3_600_000,
    })),
    ...given,
  };
  const streams = new Map();
  const streamOf = (name) => {
    if (!streams.has(name)) streams.set(name, { epoch: 'e1', seq: 0, log: [] });
    return streams.get(name);
  };
  const snapshotOf = (name) => (name === 'interactions/agent/me' ? { contacts: state.contacts } : {});

  const roles = [
    {
      id: 'r1',
      key: 'admin',
      name: 'admin',
      description: '',
      permissions,
      permissionsEditable: false,
      memberCount: 1,
    },
    {
      id: 'r2',
      key: 'agent',
      name: 'agent',
      description: '接听来电、处理会话',
      permissions: ['crm:read'],
      memberCount: 12,
    },
    {
      id: 'r3',
      key: null,
      name: '质检专员',
      description: 'Quality',
      permissions: ['crm:read'],
      memberCount: 2,
    },
  ];
  const users = Array.from({ length: 23 }, (_, i) => ({
    id: `u${i}`,
    username: `agent${i + 1}`,
    name: ['王芳', '李伟', 'Amy Lin', '张敏'][i % 4],
    email: i % 3 ? `agent${i + 1}@example.com` : null,
    mobile: i % 2 ? `139****${2000 + i}` : null,
    roleId: i ? 'r2' : 'r1',
    disabled: i === 5,
    locked: i === 7,
    lastSignInAt: i % 4 ? Date.UTC(2026, 10, 19, 1, i) : null,
  }));
  const installed = [
    {
      id: 'interactions',
      title: both('会话记录', 'Contact records'),
      description: both('记录每一次跨渠道的会话。', 'Keeps every contact on any channel.'),
      version: '1.0.0',
      scope: 'system',
      state: 'started',
      allowed: true,
      enabled: true,
      requires: {},
      error: null,
    },
    {
      id: 'telephony',
      title: both('电话', 'Telephony'),
      description: both('号码、线路、分机与软电话条。', 'Numbers, trunks, extensions and the softphone bar.'),
      version: '1.0.0',
      scope: 'tenant',
      state: 'started',
      allowed: true,
      enabled: true,
      requires: { interactions: '^1.0.0' },
      error: null,
    },
    {
      id: 'acd',
      title: both('话务分配', 'Call distribution'),
      description: both('队列、技能与空闲坐席分配。', 'Queues, skills and routing to free agents.'),
      version: '1.0.0',
      scope: 'tenant',
      state: 'started',
      allowed: true,
      enabled: true,
      requires: { telephony: '^1.0.0' },
      error: null,
    },
    {
      id: 'crm',
      title: both('客户管理', 'Customers'),
      description: both('客户资料、自定义字段与来电弹屏。', 'Customer records, own fields and screen pop.'),
      version: '1.0.0',
      scope: 'tenant',
      state: 'started',
      allowed: true,
      enabled: true,
      requires: {},
      error: null,
    },
    {
      id: 'recording',
      title: both('录音', 'Recording'),
      description: both('通话录音与回放。', 'Records calls and plays them.'),
      version: '1.0.0',
      scope: 'tenant',
      state: 'quarantined',
      allowed: true,
      enabled: true,
      requires: { telephony: '^1.0.0' },
      error: {
        step: 'migrate',
        reason: '0002-add-index.ts was left unfinished. Run: jackfield migrate repair recording',
      },
    },
    {
      id: 'wechat',
      title: both('微信', 'WeChat'),
      description: both('微信公众号消息。', 'Messages of WeChat official accounts.'),
      version: '1.0.0',
      scope: 'tenant',
      state: 'started',
      allowed: false,
      enabled: false,
      requires: {},
      error: null,
    },
  ];
  const setting = (key, title, schema, value, more = {}) => ({
    key,
    title,
    schema,
    value,
    default: value,
    level: 'tenant',
    secret: false,
    isSet: false,
    editable: true,
    ...more,
  });
  const settings = [
    setting('popup', both('来电弹屏', 'Screen pop'), { type: 'boolean' }, true, {
      description: both('来电时打开客户资料。', 'Opens the customer when a call comes in.'),
    }),
    setting(
      'wrapUp',
      both('话后处理时长(秒)', 'Wrap-up seconds'),
      { type: 'integer', minimum: 0, maximum: 600 },
      30,
      { isSet: true },
    ),
    setting('mode', both('模式', 'Mode'), { enum: ['auto', 'manual'] }, 'auto'),
    setting('tags', both('标签', 'Tags'), { type: 'array', items: { type: 'string' } }, ['vip']),
    setting('key', both('接口密钥', 'Interface key'), { type: 'string' }, null, {
      secret: true,
      isSet: true,
    }),
    setting('host', both('服务器', 'Host'), { type: 'string' }, 'pbx.example.com', { editable: false }),
  ];
  const permissionList = [
    { key: 'core:users', plugin: 'core', title: both('管理用户', 'Manage users'), group: 'people' },
    { key: 'core:roles', plugin: 'core', title: both('管理角色', 'Manage roles'), group: 'people' },
    {
      key: 'core:audit',
      plugin: 'core',
      title: both('查看操作日志', 'Read the audit log'),
      group: 'installation',
    },
    { key: 'crm:read', plugin: 'crm', title: both('查看客户', 'See customers'), group: 'Customers' },
    { key: 'crm:write', plugin: 'crm', title: both('编辑客户', 'Edit customers'), group: 'Customers' },
  ];
  const audit = Array.from({ length: 12 }, (_, i) => ({
    id: `a${i}`,
    at: Date.UTC(2026, 10, 19, 3, i),
    plugin: 'core',
    actor: { kind: 'user', id: 'u0', name: '王芳' },
    action: i % 2 ? 'role.update' : 'plugin.enable',
    target: { type: i % 2 ? 'role' : 'plugin', id: i % 2 ? 'r2' : 'crm', label: i % 2 ? '坐席' : '客户管理' },
    before: { enabled: false },
    after: { enabled: true },
  }));

  const problem = (status, code, extra = {}) => ({
    status,
    body: {
      type: `/errors/${code}`,
      title: `Means ${code}.`,
      status,
      detail: `Means ${code}.`,
      code,
      details: {},
      ...extra,
    },
  });
  const page = (items, query) => {
    const limit = Number(query.get('limit') ?? 50);
    const from = Number(query.get('cursor') ?? 0);
    const search = query.get('search') ?? '';
    const found = items.filter((item) => JSON.stringify(item).includes(search));
    return {
      items: found.slice(from, from + limit),
      nextCursor: from + limit < found.length ? String(from + limit) : null,
      total: found.length,
    };
  };

  function answer(method, path, query, body) {
    const key = `${method} ${path}`;
    if (key === 'POST sign-in') {
      if (state.failures >= 3 && !body.captcha)
        return problem(401, 'CAPTCHA_REQUIRED', { details: { captchaRequired: true } });
      if (body.password !== 'right') {
        state.failures += 1;
        return problem(401, 'BAD_CREDENTIALS', {
          details: { attemptsLeft: 10 - state.failures, captchaRequired: state.failures >= 3 },
        });
      }
      state.signedIn = true;
      return { status: 200, body: {} };
    }
    if (key === 'GET captcha')
      return {
        status: 200,
        body: {
          id: 'k1',
          width: 300,
          height: 150,
          pieceSize: 54,
          pieceY: 40,
          background: pixel,
          piece: pixel,
        },
      };
    if (!state.signedIn) return problem(401, 'NOT_SIGNED_IN');
    if (key === 'POST sign-out') {
      state.signedIn = false;
      return { status: 204 };
    }
    if (key === 'GET session') {
      return {
        status: 200,
        body: {
          user: { id: 'u0', name: '王芳', username: 'amy' },
          tenant: {
            id: 't1',
            slug: 'acme',
            name: 'Acme 客服中心',
            timeZone: 'Asia/Shanghai',
            locale: 'zh-CN',
          },
          permissions,
          locale: state.locale,
        },
      };
    }
    if (key === 'PATCH me') {
      state.locale = body.locale;
      return { status: 204 };
    }
    if (key === 'GET ui') return { status: 200, body: { plugins: state.plugins } };
    if (key === 'GET users') return { status: 200, body: page(users, query) };
    if (key === 'GET roles' || key === 'GET users/roles') return { status: 200, body: page(roles, query) };
    if (key === 'GET permissions') return { status: 200, body: { items: permissionList } };
    if (key === 'GET audit') return { status: 200, body: page(audit, query) };
    if (key === 'GET settings') return { status: 200, body: ['core', 'crm'] };
    if (/^GET settings\/\w+$/.test(key)) return { status: 200, body: { plugin: 'core', settings } };
    if (key === 'GET plugins') return { status: 200, body: { items: installed } };
    if (/^GET roles\/\w+\/members$/.test(key)) return { status: 200, body: page(users.slice(0, 2), query) };
    return problem(404, 'NOT_FOUND');
  }

  const hashes = JSON.parse(readFileSync(join(dist, 'csp.json'), 'utf8')).scriptHashes;
  const policy = `default-src 'self'; script-src 'self' ${hashes.map((hash) => `'${hash}'`).join(' ')}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' ws:`;

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://host');
    response.setHeader('content-security-policy', policy);
    if (url.pathname === '/healthz') return response.end('{}');
    if (url.pathname.startsWith('/api/')) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
      const result = url.pathname.startsWith('/api/core/')
        ? answer(request.method, url.pathname.slice('/api/core/'.length), url.searchParams, body)
        : !state.signedIn
          ? problem(401, 'NOT_SIGNED_IN')
          : request.method === 'GET'
            ? { status: 200, body: page(state.customers, url.searchParams) }
            : problem(422, 'VALIDATION_FAILED', {
                errors: [{ path: 'body.phone', message: 'not a number' }],
              });
      response.writeHead(result.status, { 'content-type': 'application/json' });
      return response.end(result.body === undefined ? '' : JSON.stringify(result.body));
    }
    const pluginFile = /^\/ui\/p\/crm\/1\.0\.0\/(.+)$/.exec(url.pathname)?.[1];
    const file = pluginFile ? join(pluginDist, pluginFile) : join(dist, url.pathname);
    const found =
      existsSync(file) && statSync(file).isFile() ? file : pluginFile ? null : join(dist, 'index.html');
    if (!found) {
      response.writeHead(404);
      return response.end();
    }
    response.setHeader('content-type', types[extname(found)] ?? 'application/octet-stream');
    createReadStream(found).pipe(response);
  });
  const io = new Server(server);
  io.use((_socket, next) =>
    next(state.signedIn ? undefined : Object.assign(new Error('no'), { data: { code: 'NOT_SIGNED_IN' } })),
  );
  io.on('connection', (socket) => {
    socket.on('subscribe', ({ stream, since }, reply) => {
      const { epoch, seq, log } = streamOf(stream);
      socket.join(stream);
      if (since?.epoch === epoch)
        reply({ ok: true, kind: 'resumed', epoch, seq, missed: log.filter((one) => one.seq > since.seq) });
      else reply({ ok: true, kind: 'snapshot', epoch, seq, snapshot: snapshotOf(stream) });
    });
    socket.on('unsubscribe', ({ stream }) => socket.leave(stream));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    /** Waits until a browser follows the stream. */
    async subscribed(stream) {
      while (!io.sockets.adapter.rooms.has(stream)) await new Promise((done) => setImmediate(done));
    },
    publish(stream, type, data) {
      const own = streamOf(stream);
      own.seq += 1;
      const message = { stream, epoch: own.epoch, seq: own.seq, type, data, at: Date.now() };
      own.log.push(message);
      io.to(stream).emit('message', message);
    },
    /** Cuts every connection, as a network does; clients come back by themselves. */
    cut() {
      for (const client of Object.values(io.engine.clients)) client.transport.close();
    },
    async close() {
      io.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
