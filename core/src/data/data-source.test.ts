import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from './data-source.ts';

describe('DATABASE_URL', () => {
  it('is SQLite in the data folder when it is not set', () => {
    expect(parseDatabaseUrl(undefined, '/data')).toEqual({
      dialect: 'sqlite',
      file: '/data/jackfield.sqlite',
    });
  });

  it('may name a file or the memory for SQLite', () => {
    expect(parseDatabaseUrl('sqlite::memory:', '/data')).toEqual({ dialect: 'sqlite', file: ':memory:' });
    expect(parseDatabaseUrl('sqlite:///var/x.db', '/data')).toEqual({ dialect: 'sqlite', file: '/var/x.db' });
    expect(parseDatabaseUrl('sqlite:x.db', '/data')).toEqual({ dialect: 'sqlite', file: '/data/x.db' });
  });

  it('may name a MySQL server, with an escaped password', () => {
    expect(parseDatabaseUrl('mysql://jack:p%40ss%2F@db.local/calls', '/data')).toEqual({
      dialect: 'mysql',
      host: 'db.local',
      port: 3306,
      user: 'jack',
      password: 'p@ss/',
      database: 'calls',
    });
    expect(parseDatabaseUrl('mariadb://root@[::1]:3307/calls', '/data')).toMatchObject({
      host: '::1',
      port: 3307,
    });
  });

  it.each(['postgres://x/y', 'mysql://host', 'nonsense', 'sqlite:'])(
    'refuses %s and says what it expects',
    (url) => {
      expect(() => parseDatabaseUrl(url, '/data')).toThrow('DATABASE_URL must be mysql://');
    },
  );
});
