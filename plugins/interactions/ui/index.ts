import { defineUi } from '@jackfield/admin-ui/sdk';
import TimelinePanel from './slots/TimelinePanel.vue';

export default defineUi({
  pages: { HistoryPage: () => import('./pages/HistoryPage.vue') },
  slots: { TimelinePanel },
});
