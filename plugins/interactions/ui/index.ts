import { defineUi } from '@jackfield/admin-ui/sdk';
import RecentContacts from './slots/RecentContacts.vue';
import TimelinePanel from './slots/TimelinePanel.vue';

export default defineUi({
  pages: { HistoryPage: () => import('./pages/HistoryPage.vue') },
  slots: { RecentContacts, TimelinePanel },
});
