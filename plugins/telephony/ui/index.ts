import { defineUi, registerDialer } from '@jackfield/admin-ui/sdk';
import { dial } from './call-acts.ts';
import CallPanel from './slots/CallPanel.vue';
import SoftphoneBar from './slots/SoftphoneBar.vue';

export default defineUi({
  pages: {
    CallsPage: () => import('./pages/CallsPage.vue'),
    NumbersPage: () => import('./pages/NumbersPage.vue'),
    ExtensionsPage: () => import('./pages/ExtensionsPage.vue'),
  },
  slots: {
    SoftphoneBar,
    CallPanel: {
      component: CallPanel,
      when: ({ contact }) =>
        typeof contact === 'object' &&
        contact !== null &&
        'channel' in contact &&
        contact.channel === 'voice',
    },
  },
  /** Numbers on every screen can be called as soon as the softphone is there. */
  setup: () =>
    registerDialer(async ({ number, ref }) => await dial(ref ? { ref } : { number: number ?? '' })),
});
