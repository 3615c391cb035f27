import { defineUi } from '@jackfield/admin-ui/sdk';

export default defineUi({
  slots: {
    CallRecordings: { component: () => import('./slots/CallRecordings.vue'), title: 'title' },
  },
});
