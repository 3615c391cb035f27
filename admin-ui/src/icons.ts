import {
  Avatar,
  Bell,
  Box,
  ChatDotRound,
  ChatLineRound,
  Clock,
  Collection,
  Connection,
  DataAnalysis,
  DataLine,
  Document,
  Files,
  Headset,
  Histogram,
  House,
  Key,
  List,
  Message,
  Microphone,
  Monitor,
  Notebook,
  Odometer,
  Operation,
  Phone,
  PhoneFilled,
  Postcard,
  PriceTag,
  Promotion,
  Service,
  Setting,
  Share,
  Tickets,
  Timer,
  TrendCharts,
  User,
  UserFilled,
  VideoPlay,
} from '@element-plus/icons-vue';
import { type Component, defineAsyncComponent } from 'vue';

const known: Record<string, Component> = {
  Avatar,
  Bell,
  Box,
  ChatDotRound,
  ChatLineRound,
  Clock,
  Collection,
  Connection,
  DataAnalysis,
  DataLine,
  Document,
  Files,
  Headset,
  Histogram,
  House,
  Key,
  List,
  Message,
  Microphone,
  Monitor,
  Notebook,
  Odometer,
  Operation,
  Phone,
  PhoneFilled,
  Postcard,
  PriceTag,
  Promotion,
  Service,
  Setting,
  Share,
  Tickets,
  Timer,
  TrendCharts,
  User,
  UserFilled,
  VideoPlay,
};
const others = new Map<string, Component>();

/** The icon of a menu entry, by its name in Element Plus' set (`phone-filled` or `PhoneFilled`). */
export function iconOf(name: string): Component {
  const key = name.replace(/(^|-)([a-z0-9])/g, (_all, _dash, letter: string) => letter.toUpperCase());
  const found = known[key] ?? others.get(key);
  if (found) return found;
  if (!key) return Box;
  // Rare icons come in a file of their own, so that the first load stays short.
  const late = defineAsyncComponent(async () => {
    const all: Record<string, Component> = { ...(await import('./all-icons.ts')) };
    return all[key] ?? Box;
  });
  others.set(key, late);
  return late;
}
