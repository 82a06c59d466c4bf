import { en } from 'zod/locales';
import { config } from 'zod/mini';

// zod's mini API, of which a bundle holds no more than what is called: 27 KB, where the classic API was 104 KB of each handler,
// which may be 500 KB (test/guidelines.test.ts). The mini API has no messages of its own; people read them, so they are set
// here (3 KB), and zod is imported from here alone.
config(en());

export * from 'zod/mini';
