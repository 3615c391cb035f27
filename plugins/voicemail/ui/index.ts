import { defineUi } from '@jackfield/admin-ui/sdk';
import UnheardLink from './slots/UnheardLink.vue';

export default defineUi({
  pages: {
    MessagesPage: () => import('./pages/MessagesPage.vue'),
    BoxesPage: () => import('./pages/BoxesPage.vue'),
  },
  slots: {
    UnheardLink,
    CallMessage: { component: () => import('./slots/CallMessage.vue'), title: 'messages.detail' },
  },
});
