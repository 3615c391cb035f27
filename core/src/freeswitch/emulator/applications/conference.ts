import { answer } from '../answer.ts';
import type { ApplicationRegistry } from '../application.ts';
import { Conference, parseConference } from '../conference.ts';

export function addConferenceApplications(registry: ApplicationRegistry): void {
  registry.add('conference', async (channel, arg) => {
    const { name, profile } = parseConference(arg);
    if (name === '') return;
    if (!channel.answered) answer(channel);
    const room = channel.core.conferences.get(name) ?? new Conference(channel.core, name, profile);
    if (room.locked) return;
    await room.join(channel);
  });
}
