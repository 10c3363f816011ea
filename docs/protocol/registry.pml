/*
 * registry.pml: the metadata protocol as a Promela model, for exhaustive search by Spin (see README.md).
 *
 * How to read it
 *   One `atomic { }` is one SQL statement on one row, or one call to the blob store. A transaction is a run of such blocks
 *   that ends in commit() or a rollback. Between two blocks every other process may run and the process may crash (DIES).
 *   A statement on several rows is one block per row, in the statement's order, because Postgres locks row after row.
 *   (In Spin a goto out of an atomic block ends its atomicity, so a loop of blocks is not one block.)
 *
 * Postgres at READ COMMITTED, as modelled; postgres.sh replays each rule on a real server
 *   - st[] is committed state. A block reads the newest committed state, as a statement's fresh snapshot does. Where a
 *     statement really uses ONE snapshot for several rows, or for a look before a lock, the snapshot is a block of its own.
 *   - A transaction's own writes stay invisible (xm[] is WR or DEL) until commit() moves them to st[].
 *   - Row locks: ks[] are the FOR KEY SHARE holders; xo[] and xm[] the one exclusive holder and what he holds: WR (an insert in
 *     progress, or an UPDATE of non-key columns, which is FOR NO KEY UPDATE), UPD (FOR UPDATE, nothing changed yet), DEL (deleted,
 *     not committed). KEY SHARE goes together with KEY SHARE and WR; it waits for UPD and DEL. WR waits for any exclusive
 *     holder. FOR UPDATE waits for everything. SKIP LOCKED never waits. SELECT does not see an insert in progress.
 *   - A blocked statement looks at the row again when the lock is free (EvalPlanQual): a row deleted meanwhile is gone.
 *   - INSERT ON CONFLICT DO NOTHING waits for an insert, an update or a delete in progress, NOT for a mere lock, and locks nothing.
 *   - An UPDATE is FOR NO KEY UPDATE as long as no whole unique index holds the column: blobs.storage_key has a partial one.
 *     INSERT ON CONFLICT DO UPDATE waits for every exclusive holder, and inserts when the row has gone.
 *   - A foreign key takes FOR KEY SHARE on the parent and fails (23503) when it is gone. A 23503 is never a clean answer here.
 *   - Deadlock: who blocks notes whom he waits for and looks for a cycle, as Postgres does. A cycle is an error of the model, so
 *     a run without errors shows that none exists, not even one hidden behind collectors that go on working.
 *   The lock queue is not modelled: any waiter may win. That allows more than Postgres does.
 *
 * Time
 *   Without -DCLOCK there is no clock: any queue row or session may be found due at any moment, and "fresh" is a free choice. So
 *   nothing proved in those configurations rests on a grace time, with one exception that is a flag of its own: NOT_BEFORE.
 *   -DCLOCK adds `fresh` and `due` bits that Clock changes at any moment, and asks what a client may rely on within the grace.
 *
 * Bounds
 *   NCL clients that send any number of requests, NGC collectors that run any number of jobs, any number of crashes, NK storage
 *   keys in use at one time. Few repositories, digests, manifests and tags, see the configurations.
 *
 * Configurations
 *   -DBLOBS     one digest, two repositories with a manifest each: upload, mount, put, delete, blob delete, all collectors
 *   -DPAIR      two digests, one repository, a manifest that needs both: order of locks and reviews
 *   -DGRAPH     an image, an index over it, one tag: tags, children, GC MANIFEST
 *   -DTAGS      the same with a third manifest, two tags, and requests that set both
 *   -DREFERRER  an image, a referrer of it, one tag: subjects, GC MANIFEST
 *   -DCLOCK     what the grace promises to a client that got 201, or HEAD 200 with push scope, and puts its manifest then
 *   -DMCLOCK    the same for a manifest that is put by digest, before the index over it
 *   -DREADER    GET that looks up a storage key and opens the object later
 *   -DDAMAGE    objects of live blobs are damaged or lost at any moment; GET marks what it finds so, a collector reads it again
 *   -DSESSION   two requests on one upload session, the object's bytes, rename at commit (a model of its own, at the end)
 *   -DSPARSE    with BLOBS or GRAPH: a PUT does not refuse what is absent but writes it down (manifest_absent_references)
 *   -DUSE       with GRAPH: pulls are recorded, and what was ever tagged or pulled is not collected (gc.untagged is off)
 *   -DTIDY leaves out what follows once a key is in the trash and no request holds it: its two sweep steps touch nothing that anybody
 *   else reads, so they are taken at once. The configurations without TIDY have the sweep in full.
 *   -DSHORTCUT is a re-push without writes. Each -DMUT_x breaks exactly one thing, and Spin must find it.
 */

#ifndef SESSION

/* ================================================================ configurations ======================================== */

#ifndef NCL
#define NCL   2          /* clients */
#endif
#ifndef NGC
#define NGC   2          /* collectors; each runs any job, so two cover every pair of jobs, the same job twice included */
#endif
#ifndef CRASH
#define CRASH 1          /* a process may die before any block: its transaction is rolled back, what it stored stays stored */
#endif
#ifndef NOT_BEFORE
#define NOT_BEFORE 3     /* blob_trash.not_before outlives 1: every write, 2: every read that began before the row was written */
#endif
#ifdef MCLOCK
#define GRAPH 1
#endif

#ifdef DAMAGE
#define READER 1
#endif
#if defined(BLOBS) || defined(CLOCK) || defined(READER)
#define ND 1
#define NR 2
#define NM 2
#define NT 0
#define USES(m,l)  ((m) == (l))            /* manifest 0 in repository 0, manifest 1 in repository 1; both name the digest */
#define CHILD(p,c) 0
#define SUBJ(m)    NM                      /* no subject */
#endif

#ifdef PAIR
#define ND 2
#define NR 1
#define NM 2
#define NT 0
#define USES(m,l)  1                       /* both manifests name both digests */
#define CHILD(p,c) 0
#define SUBJ(m)    NM
#endif

#if defined(GRAPH) || defined(TAGS) || defined(REFERRER)
#define GCMAN 1                            /* manifests and tags only: the blob and its link stay, collectors run GC MANIFEST */
#define ND 1
#define NR 1
#define NK 1
#ifdef REFERRER
#define NM 2                               /* 0: an image. 1: a signature with subject 0. Both name the digest */
#define NT 1
#define USES(m,l)  1
#define CHILD(p,c) 0
#define SUBJ(m)    ((m) == 1 -> 0 : NM)
#else
#ifdef TAGS
#define NM 3                               /* 2: another image */
#define NT 2
#else
#define NM 2                               /* 0: an image. 1: an index over it */
#define NT 1
#endif
#define USES(m,l)  ((m) != 1)
#define CHILD(p,c) ((p) == 1 && (c) == 0)
#define SUBJ(m)    NM
#endif
#endif

#ifndef NK
#ifdef TIDY
#define NK (ND + NCL)
#else
#define NK 3
#endif
#endif

/* ================================================================ tables ================================================ */

#define NL        (NR*ND)                           /* links: repository * ND + digest */
#define DIG(l)    ((l) % ND)

#define B(d)      (d)                               /* blobs;            v = 1 + storage key */
#define L(l)      (ND + (l))                        /* repository_blobs; v: linked_at, 2 young, 1 within the grace (CLOCK) */
#define LQ(l)     (ND + NL + (l))                   /* gc_link_queue;    v = 1: due (CLOCK) */
#define BQ(d)     (ND + 2*NL + (d))                 /* gc_blob_queue */
#define S(k)      (2*ND + 2*NL + (k))               /* upload_sessions, by storage key */
#define M(m)      (2*ND + 2*NL + NK + (m))          /* manifests, with their edges; v = 1: pushed_at within the grace (MCLOCK);
                                                       SPARSE: v & 1: it has edges, v & 2: it lists what was absent
                                                       USE: v & 4: ever_tagged */
#define MQ(m)     (2*ND + 2*NL + NK + NM + (m))     /* gc_manifest_queue; v = 1: due (MCLOCK) */
#define T(t)      (2*ND + 2*NL + NK + 2*NM + (t))   /* tags;             v = 1 + manifest */
#define P(m)      (2*ND + 2*NL + NK + 2*NM + NT + (m))  /* manifest_pulls */
#ifdef USE
#define NROW      (2*ND + 2*NL + NK + 3*NM + NT)
#elif defined(GCMAN)
#define NROW      (2*ND + 2*NL + NK + 2*NM + NT)
#else
#define NROW      (2*ND + 2*NL + NK + NM)           /* manifests live until they are deleted; no tags */
#endif

#define WR  1
#define UPD 2
#define DEL 3
#define NP  (NCL + NGC)
#define BIT(x) (1 << (x))

bit  st[NROW];           /* committed: the row exists */
byte xo[NROW];           /* exclusive holder; 0: none */
byte xm[NROW];           /* WR, UPD or DEL */
byte ks[NROW];           /* FOR KEY SHARE holders */
byte v[NROW];
byte wt[NP + 1];         /* what a blocked process waits for: 1 + 3*row + FOR_… */

byte obj;                /* objects in the blob store, a bit per storage key */
byte trash;              /* blob_trash, a bit per storage key */
byte writing;            /* keys under which a live request may still write */
byte key[NP + 1];        /* 1 + the storage key that a process has in hand */
byte gone;               /* clients that have left */
#ifdef WITNESS
bit  seen;               /* something that a witness run waits for has happened */
#endif
#if defined(CLOCK) || defined(MCLOCK)
byte basis;              /* what client 1's grace rests on: 0 elapsed, 1+l linked_at of l, 8+l the review time of l */
#endif
#ifdef USE
byte used;               /* manifests that were tagged or pulled since they are there, a bit each */
#endif
#ifdef SPARSE
byte kept;               /* collectors whose review began with something that a manifest named; no manifest has gone since */
#endif
#ifdef READER
byte rkey;               /* 1 + the storage key that the reader has in hand */
#else
#define rkey 0
#endif
#ifdef DAMAGE
byte bad;                /* objects that are damaged or lost, a bit per storage key */
byte found;              /* keys whose object a GET found so; a mark of theirs is committed, and nobody has read them whole since */
bit  suspect;            /* blobs.suspect_since of the one digest */
#define SUSPECT suspect
#define REMOVE(o) obj = obj & ~(o); bad = bad & ~(o); found = found & ~(o)
#else
#define SUSPECT 0
#define REMOVE(o) obj = obj & ~(o)
#endif

#ifndef TRAIL
#define SCRATCH hidden                              /* no part of the state; Spin's breadth-first search does without */
#else
#define SCRATCH
#endif
SCRATCH byte hi, hj, hm, hb, hs[NP + 1];            /* scratch of d_steps, 0 between them */

/* A storage key is a new upload id. The model uses its index again only when no table, no object and no process knows it any
   more, so the state space is finite without a limit on uploads. */
#define K (key[me] - 1)
#if NP == 2
#define IN_HAND(k) (key[1] == (k)+1 || key[2] == (k)+1 || rkey == (k)+1)
#elif NP == 3
#define IN_HAND(k) (key[1] == (k)+1 || key[2] == (k)+1 || key[3] == (k)+1 || rkey == (k)+1)
#elif NP == 4
#define IN_HAND(k) (key[1] == (k)+1 || key[2] == (k)+1 || key[3] == (k)+1 || key[4] == (k)+1 || rkey == (k)+1)
#else
#define IN_HAND(k) (key[1] == (k)+1 || key[2] == (k)+1 || key[3] == (k)+1 || key[4] == (k)+1 || key[5] == (k)+1 || rkey == (k)+1)
#endif
#define UNUSED(k) (!((obj | trash | writing) & BIT(k)) && !st[S(k)] && !IN_HAND(k))

#ifdef MUT_KEY_PER_DIGEST
#define OB(k) 1          /* all uploads of the digest are one object */
#else
#define OB(k) BIT(k)
#endif

/* ---------------------------------------------------------------- what is referenced ------------------------------------ */

#define HAS(m)      (st[M(m)])
#if NM == 2
#define REFD(l)     ((HAS(0) && USES(0,l)) || (HAS(1) && USES(1,l)))
#else
#define REFD(l)     ((HAS(0) && USES(0,l)) || (HAS(1) && USES(1,l)) || (HAS(2) && USES(2,l)))
#endif
#define PARENT(c)   ((HAS(0) && CHILD(0,c)) || (HAS(1) && CHILD(1,c)))
#define SUBJLIVE(m) (SUBJ(m) < NM && st[M(SUBJ(m))])
#ifdef SPARSE                                       /* REFD and PARENT: by an edge, or only listed. HELD and EDGED: by an edge */
#define EDGES(m)    (v[M(m)] & 1)
#define LISTED(c)   (CHILD(1,c) && HAS(1) && (v[M(1)] & 2))
#else
#define EDGES(m)    1
#endif
#ifdef USE
#define USED(m)     ((v[M(m)] & 4) || st[P(m)])
#else
#define USED(m)     0
#endif
#define HELD(l)     ((HAS(0) && EDGES(0) && USES(0,l)) || (HAS(1) && EDGES(1) && USES(1,l)))
#define EDGED(c)    ((HAS(0) && EDGES(0) && CHILD(0,c)) || (HAS(1) && EDGES(1) && CHILD(1,c)))
#if NR == 2
#define LINKED(d)   (st[L(0)] || st[L(1)])
#else
#define LINKED(d)   (st[L(d)])
#endif
#if NT == 0
#define TAGGED(m)   0
#elif NT == 1
#define TAGGED(m)   (st[T(0)] && v[T(0)] == (m) + 1)
#else
#define TAGGED(m)   ((st[T(0)] && v[T(0)] == (m) + 1) || (st[T(1)] && v[T(1)] == (m) + 1))
#endif

/* ---------------------------------------------------------------- locks ------------------------------------------------- */

#define FREE_KS(row)  (!(st[row] && xm[row] >= UPD && xo[row] != me))
#define FREE_WR(row)  (xo[row] == 0 || xo[row] == me)
#define FREE_UPD(row) (!st[row] || (FREE_WR(row) && !(ks[row] & ~BIT(me))))
#define FREE_INS(row) (FREE_WR(row) || (st[row] && xm[row] == UPD))
#define TAKE(row,mode) xo[row] = me; xm[row] = mode
#define SHARE(row)    ks[row] = ks[row] | BIT(me)
#define SHARED(row)   (ks[row] & BIT(me))

#define FOR_WRITE  0     /* waits for the exclusive holder */
#define FOR_UPDATE 1     /* and for who shares the row */
#define FOR_SHARE  2     /* waits for an exclusive holder, but not for one that merely writes: that one may have won the row from another waiter */
/* The caller is about to block on a row: note it, and fail when that closes a cycle of waits. */
inline block(row, mode) {
  d_step {
    wt[me] = 1 + 3*(row) + mode;
    hi = 1;
    do                                              /* hs[p]: whom p waits for */
    :: hi <= NP ->
       if
       :: wt[hi] ->
          hb = (wt[hi] - 1) / 3;
          hs[hi] = ((xo[hb] && !((wt[hi] - 1) % 3 == FOR_SHARE && xm[hb] < UPD) -> BIT(xo[hb]) : 0)
            | ((wt[hi] - 1) % 3 == FOR_UPDATE -> ks[hb] : 0)) & ~BIT(hi)
       :: else -> hs[hi] = 0
       fi;
       hi++
    :: else -> break
    od;
    hm = hs[me];
    hi = 0;
    do                                              /* and whom he waits for in turn */
    :: hi < NP ->
       hj = 1;
       do
       :: hj <= NP ->
          if :: (hm & BIT(hj)) -> hm = hm | hs[hj] :: else fi;
          hj++
       :: else -> break
       od;
       hi++
    :: else -> break
    od;
    assert(!(hm & BIT(me)));                        /* S5: no deadlock */
    hi = 0;
    do :: hi <= NP -> hs[hi] = 0; hi++ :: else -> break od;
    hi = 0; hj = 0; hm = 0; hb = 0
  }
}
inline wait_ks(row)  { if :: FREE_KS(row)  :: else -> block(row, FOR_SHARE); FREE_KS(row);  wt[me] = 0 fi }
inline wait_wr(row)  { if :: FREE_WR(row)  :: else -> block(row, FOR_WRITE); FREE_WR(row);  wt[me] = 0 fi }
inline wait_upd(row) { if :: FREE_UPD(row) :: else -> block(row, FOR_UPDATE); FREE_UPD(row); wt[me] = 0 fi }
inline wait_ins(row) { if :: FREE_INS(row) :: else -> block(row, FOR_WRITE); FREE_INS(row); wt[me] = 0 fi }

/* A foreign key looks at its parent row. */
inline foreign_key(row) {
  wait_ks(row);
  assert(st[row]);                                  /* 23503: the parent is gone */
  SHARE(row)
}

/* A foreign key deletes its row with the parent. */
inline cascade(row) {
  wait_wr(row);
  if :: st[row] -> TAKE(row, DEL) :: else fi
}

/* insert into gc_…_queue … on conflict do update set review_after = now() + grace */
inline enqueue(row) {
#ifdef MUT_QUEUE_DO_NOTHING
  wait_ins(row);
  if :: st[row] && xo[row] != me -> skip :: else -> TAKE(row, WR) fi
#else
  wait_wr(row);
  TAKE(row, WR)
#endif
}

inline release(committed) {
  hi = 0;
  do
  :: hi < NROW ->
     if
     :: xo[hi] == me ->
        if
        :: committed && xm[hi] == WR  -> st[hi] = 1
        :: committed && xm[hi] == DEL -> st[hi] = 0; v[hi] = 0
        :: else -> if :: !st[hi] -> v[hi] = 0 :: else fi
        fi;
#ifdef CLOCK
        if
        :: committed && xm[hi] == WR && hi >= L(0)  && hi < LQ(0) -> v[hi] = 2     /* linked_at = now() */
        :: committed && xm[hi] == WR && hi >= LQ(0) && hi < BQ(0) -> v[hi] = 0     /* review_after = now() + grace */
        :: else
        fi;
#endif
#ifdef MCLOCK
        if
        :: committed && xm[hi] == WR && hi >= M(0)  && hi < MQ(0) -> v[hi] = 1     /* pushed_at = now() */
        :: committed && xm[hi] == WR && hi >= MQ(0) && hi < T(0)  -> v[hi] = 0     /* review_after = now() + grace */
        :: else
        fi;
#endif
#ifdef SPARSE
        if :: committed && xm[hi] == DEL && hi >= M(0) && hi < M(NM) -> kept = 0 :: else fi;
#endif
#ifdef USE
        if :: committed && xm[hi] == DEL && hi >= M(0) && hi < M(NM) -> used = used & ~BIT(hi - M(0)) :: else fi;
#endif
        xo[hi] = 0; xm[hi] = 0
     :: else
     fi;
     ks[hi] = ks[hi] & ~BIT(me);
     hi++
  :: else -> break
  od;
  hi = 0
}
inline commit() { d_step { release(1); invariants() } }

/* ---------------------------------------------------------------- safety: checked at every change of committed state ---- */

#define KEYOF(d) (v[B(d)] - 1)

inline invariants() {
  hi = 0;
  do
  :: hi < NL ->
     if
     :: st[L(hi)] ->
        assert(st[B(DIG(hi))]);                                     /* S1: a link has its blob */
        assert(obj & OB(KEYOF(DIG(hi))));                           /* S3: HEAD 200 is true: the object is there */
        assert(REFD(hi) || st[LQ(hi)])                              /* S4: unreferenced, so its review is queued */
     :: else
     fi;
     hi++
  :: else -> break
  od;
  hi = 0;
  do
  :: hi < ND ->
     if
     :: st[B(hi)] ->
        assert(obj & OB(KEYOF(hi)));                                /* S1: no object is deleted that a live row names */
#ifndef MUT_KEY_PER_DIGEST
        assert(!(trash & BIT(KEYOF(hi))) && !st[S(KEYOF(hi))]);     /* a key is in one of sessions, blobs, trash */
#endif
        assert(LINKED(hi) || st[BQ(hi)])                            /* S4: unreferenced, so its review is queued */
     :: else
     fi;
     hi++
  :: else -> break
  od;
  hi = 0;
  do
  :: hi < NM ->
     if
     :: st[M(hi)] ->
        hj = 0;
        do :: hj < NL -> assert(!USES(hi,hj) || !EDGES(hi) || st[L(hj)]); hj++      /* S1: a manifest has its links */
           :: else -> break od;
        hj = 0;
        do :: hj < NM -> assert(!CHILD(hi,hj) || !EDGES(hi) || st[M(hj)]); hj++     /* S1: an index has its children */
           :: else -> break od;
#ifdef GCMAN
        assert(TAGGED(hi) || PARENT(hi) || SUBJLIVE(hi) || USED(hi) || st[MQ(hi)])  /* S4: unreferenced, so its review is queued */
#endif
     :: else
#ifdef USE
        -> assert(!st[P(hi)])                                       /* S1: a recorded pull has its manifest */
#endif
     fi;
     hi++
  :: else -> break
  od;
#if NT > 0
  hi = 0;
  do :: hi < NT -> assert(!st[T(hi)] || st[M(v[T(hi)] - 1)]); hi++  /* S1: a tag has its manifest */
     :: else -> break od;
#endif
#ifndef MUT_KEY_PER_DIGEST
  hi = 0;
  do                                                                /* a session, a blob or the trash names every object */
  :: hi < NK ->
     hb = 0; hj = 0;
     do :: hj < ND -> hb = hb | (st[B(hj)] -> BIT(KEYOF(hj)) : 0); hj++ :: else -> break od;
     assert(!(obj & BIT(hi)) || (hb & BIT(hi)) || st[S(hi)] || (trash & BIT(hi)));       /* S4: no orphaned object */
     hi++
  :: else -> break
  od;
#endif
  hi = 0; hj = 0; hb = 0
}

/* ================================================================ clients =============================================== */

/* A client sends any number of requests, each drawn freely from what the configuration offers; a service process carries each
   out and may die at any block. What a client knows of earlier answers never helps the protocol, so none is kept (but see CLOCK). */
#ifdef BLOBS
#define REQUESTS \
  :: l = 0; goto upload          :: l = 1; goto upload \
  :: l2 = 0; l = 1; goto mount   :: l = 0; goto delblob \
  :: m = 0; goto put             :: m = 1; goto put      :: m = 0; goto del   :: m = 1; goto del
#endif
#ifdef PAIR
#define REQUESTS \
  :: l = 0; goto upload          :: l = 1; goto upload \
  :: m = 0; goto put             :: m = 1; goto put      :: m = 0; goto del   :: m = 1; goto del
#endif
#ifdef DAMAGE
#define REQUESTS \
  :: l = 0; goto upload          :: l = 1; goto upload \
  :: l2 = 0; l = 1; goto mount   :: l = 0; goto delblob
#elif defined(READER)
#define REQUESTS \
  :: l = 0; goto upload          :: l = 0; goto delblob
#endif
#ifdef CLOCK               /* client 1 gets the blob acknowledged and then puts the manifest; client 2 disturbs */
#define REQUESTS \
  :: me == 1 && !acked -> l = 0; goto upload \
  :: me == 1 && !acked -> l = 0; goto head \
  :: me == 1 && !acked -> l2 = 1; l = 0; goto mount \
  :: me == 1 && acked -> m = 0; goto put \
  :: me == 2 -> l = 0; goto upload        :: me == 2 -> l = 1; goto upload \
  :: me == 2 -> m = 0; goto put           :: me == 2 -> m = 0; goto del
#endif
#ifdef MCLOCK              /* client 1 gets the child acknowledged and then puts the index; client 2 disturbs */
#define REQUESTS \
  :: me == 1 && !acked -> m = 0; goto put \
  :: me == 1 && !acked -> goto head \
  :: me == 1 && acked -> m = 1; goto put       :: me == 1 && acked -> m = 1; t = 1; goto put \
  :: me == 2 -> m = 0; t = 1; goto put         :: me == 2 -> m = 1; goto put \
  :: me == 2 -> m = 1; t = 1; goto put         :: me == 2 -> m = 1; goto del \
  :: me == 2 -> t = 1; goto deltag
#elif NT == 1              /* t: bit set of tags; of manifests for pull */
#ifdef USE
#define PULLS   :: t = 1; goto pull            :: t = 2; goto pull      :: t = 3; goto pull
#else
#define PULLS
#endif
#define REQUESTS \
  PULLS \
  :: m = 0; goto put             :: m = 0; t = 1; goto put \
  :: m = 1; goto put             :: m = 1; t = 1; goto put \
  :: m = 0; goto del             :: m = 1; goto del      :: t = 1; goto deltag
#endif
#if NT == 2
#define REQUESTS \
  :: m = 0; t = 1; goto put      :: m = 1; t = 2; goto put \
  :: m = 2; goto put             :: m = 2; t = 3; goto put \
  :: m = 0; t = 3; goto put      :: m = 0; goto del      :: m = 1; goto del
#endif

/* The newest verified object is the blob's; the one before it goes to the trash. */
inline supersede() {
#ifdef MUT_REPLACE_NO_LOCK
  hi = old;
#else
  hi = v[B(DIG(l))];
#endif
#ifdef MUT_OWN_KEY_TRASHED
  hi = key[me];
#endif
#if !defined(MUT_OLD_NOT_TRASHED) && !defined(MUT_KEY_PER_DIGEST)
  trash = trash | BIT(hi - 1);
#endif
#ifdef MUT_OLD_KEY_DUE_NOW
  REMOVE(BIT(hi - 1));                              /* MUT: not_before = now(), and a sweep at once */
#endif
#ifdef TIDY
  REMOVE(BIT(hi - 1)); trash = trash & ~BIT(hi - 1);
#endif
  v[B(DIG(l))] = key[me];
  hi = 0
}

#define CLEAR l = 0; l2 = 0; m = 0; m2 = 0; t = 0; old = 0; lost = 0; loser = 0; missing = 0

/* A request is over: what becomes of its storage key. A session that it leaves behind expires some time. */
inline let_go() {
  if
  :: key[me] ->
     writing = writing & ~BIT(K);
#ifdef TIDY
     st[S(K)] = 0; trash = trash & ~BIT(K);
     if :: st[B(DIG(l))] && v[B(DIG(l))] == key[me] -> skip :: else -> REMOVE(BIT(K)) fi;
#endif
     key[me] = 0
  :: else
  fi
}
inline finish()  { d_step { let_go(); CLEAR } }
inline abandon() { d_step { release(0); let_go(); CLEAR } }
#define DIES     if :: CRASH -> abandon(); goto again :: skip fi
#define REFUSED  abandon(); goto again              /* a 4xx answer: rolled back */

#ifdef SPARSE
#define ABSENT missing                              /* it is listed and has no edge */
#else
#define ABSENT 0
#endif
#ifndef SPARSE
#define LOSES(m,c) CHILD(m,c)
#elif defined(MUT_SPARSE_DEL_NO_REVIEW)             /* MUT: an edge's end only */
#define LOSES(m,c) (CHILD(m,c) && EDGES(m))
#else                                               /* a child that is only listed has an id when it is there */
#define LOSES(m,c) (CHILD(m,c) && (EDGES(m) || st[M(c)]))
#endif
inline next_link()     { do :: l < NL && !USES(m,l) -> l++ :: else -> break od }
inline next_child()    { do :: m2 < NM && !CHILD(m,m2) -> m2++ :: else -> break od }
inline next_lost()     { do :: m2 < NM && !(lost & BIT(m2)) -> m2++ :: else -> break od }
inline next_unlocked() {
  do :: l < NL && (!USES(m,l) || ABSENT || SHARED(L(l))) -> l++ :: else -> break od;
  do :: m2 < NM && (!CHILD(m,m2) || ABSENT || SHARED(M(m2))) -> m2++ :: else -> break od
}
/* The statement that enqueues reviews after a manifest has gone sees its children, and the referrers that are committed. */
inline lost_manifests() {
  lost = 128; m2 = 0;
  do
  :: m2 < NM ->
     if :: LOSES(m,m2) || (SUBJ(m2) == m && st[M(m2)]) -> lost = lost | BIT(m2) :: else fi;
     m2++
  :: else -> break
  od;
  m2 = 0
}

proctype Client(byte me) {
  byte l, l2, m, m2, t, old, lost;
  bit  loser, missing;
#if defined(CLOCK) || defined(MCLOCK)
  bit  acked;
#endif

again:
  atomic {
#if defined(CLOCK) || defined(MCLOCK)
    if :: me == 1 && !acked -> basis = 0 :: else fi;
#endif
    if
    REQUESTS
    :: gone++; goto left
    fi
  }

#ifndef GCMAN
/* ---- UPLOAD ------------------------------------------------------------------------------------------------------------ */
upload:
  atomic {                                          /* POST: insert into upload_sessions (storage_key, …); committed */
    d_step {
      hi = 0;
      do :: hi < NK && !UNUSED(hi) -> hi++ :: else -> break od;
      if :: hi < NK -> key[me] = hi + 1; st[S(hi)] = 1 :: else fi;
      hi = 0
    }
    if :: key[me] -> skip :: else -> REFUSED fi;    /* (out of key indexes) */
#ifdef TIDY
    writing = writing | BIT(K)                      /* POST with ?digest=, the bytes follow at once */
#endif
  }
#ifndef TIDY
  atomic {                                          /* PUT begins: select storage_key from upload_sessions where id = … */
    DIES;
    if
    :: st[S(K)] -> writing = writing | BIT(K)
    :: else -> REFUSED                              /* 404 BLOB_UPLOAD_UNKNOWN */
    fi
  }
#endif
  atomic {                                          /* the bytes are durable in the store */
    DIES;
    obj = obj | OB(K);
    d_step { invariants() }
  }
  atomic {                                          /* begin; delete from upload_sessions where id = … returning storage_key */
    DIES;
    wait_upd(S(K));
    if
    :: st[S(K)] -> TAKE(S(K), DEL)
    :: else -> REFUSED                              /* 0 rows: 404 BLOB_UPLOAD_UNKNOWN */
    fi
  }
#ifdef MUT_SESSION_TX
  atomic { DIES; commit() }                         /* MUT: a transaction of its own */
#endif
insert_blob:
  atomic {                                          /* insert into blobs (digest, storage_key, …) on conflict do nothing */
    DIES;
    wait_ins(B(DIG(l)));
    if
    :: !st[B(DIG(l))] -> TAKE(B(DIG(l)), WR); v[B(DIG(l))] = key[me]; goto insert_link
    :: else
    fi
  }
  atomic {                                          /* 0 rows: update blobs set storage_key = own key, suspect_since = null where digest = … */
    DIES;
#ifdef MUT_OLDER_WINS
    wait_ks(B(DIG(l)));                             /* MUT: the first rule: select … for key share; own key to the trash */
    if
    :: st[B(DIG(l))] -> SHARE(B(DIG(l))); loser = 1
    :: else -> goto insert_blob
    fi
#elif defined(MUT_REPLACE_NO_LOCK)
    if                                              /* MUT: the old key is read by a statement of its own, which locks nothing */
    :: st[B(DIG(l))] -> old = v[B(DIG(l))]
    :: else -> goto insert_blob
    fi
  }
  atomic {
    DIES;
    wait_wr(B(DIG(l)));
    if
    :: st[B(DIG(l))] -> TAKE(B(DIG(l)), WR); loser = 1
    :: else -> old = 0; goto insert_blob
    fi
#else
    wait_wr(B(DIG(l)));
    if
    :: st[B(DIG(l))] -> TAKE(B(DIG(l)), WR); loser = 1      /* the new key, and the old key's trash row: applied at commit below */
#ifdef MUT_NO_RETRY
    :: else -> loser = 1
#else
    :: else ->                                      /* gone meanwhile: retry */
#if WITNESS == 1
       seen = 1;
#endif
       goto insert_blob
#endif
    fi
#endif
  }
insert_link:
#if defined(MUT_LINK_DO_NOTHING) || defined(SHORTCUT)
  atomic {                                          /* insert into repository_blobs … on conflict do nothing */
    DIES;
    wait_ins(L(l));
    if
    :: st[L(l)] ->
#ifdef SHORTCUT
       goto have_link
#else
       goto queue_link                              /* MUT: the row is there, so all is well */
#endif
    :: else -> TAKE(L(l), WR)
    fi;
#else
  atomic {                                          /* insert into repository_blobs … on conflict do update set linked_at = now() */
    DIES;
    wait_wr(L(l));
    TAKE(L(l), WR);
#endif
    if                                              /* the foreign key of a new row, when blobs(digest) is ours already */
    :: st[L(l)] || xo[B(DIG(l))] == me || SHARED(B(DIG(l))) -> goto queue_link
    :: else
    fi
  }
  atomic {                                          /* … and when it is not */
    DIES;
    foreign_key(B(DIG(l)));
    goto queue_link
  }
#ifdef SHORTCUT                                     /* no write for a link that needs none */
have_link:
  atomic {                                          /* select linked_at from repository_blobs … for key share */
    DIES;
    wait_ks(L(l));
    if
    :: st[L(l)] -> SHARE(L(l))
    :: else -> goto insert_link                     /* gone meanwhile: retry */
    fi
  }
  atomic {                                          /* NEW statement: referenced (its loss will enqueue), or younger than grace/2 (is queued) */
    DIES;
    if
#ifdef CLOCK                                        /* the grace, or half of it, counts from here */
    :: REFD(l) -> if :: me == 1 -> basis = 8 + l :: else fi; old = 1; goto upload_commit
    :: v[L(l)] == 2 -> if :: me == 1 -> basis = 1 + l :: else fi; old = 1; goto upload_commit
    :: !REFD(l) && v[L(l)] < 2 -> skip
#else
    :: REFD(l) -> goto upload_commit
    :: goto upload_commit
    :: !REFD(l) -> skip
#endif
    fi
  }
  atomic {                                          /* update repository_blobs set linked_at = now() */
    DIES;
    wait_wr(L(l));
    TAKE(L(l), WR)
  }
#endif
queue_link:
  atomic {                                          /* upsert gc_link_queue (now + grace) */
    DIES;
    enqueue(LQ(l))
  }
upload_commit:
  atomic {                                          /* outbox; commit; 201 */
    DIES;
#ifdef MUT_OLDER_WINS
    if :: loser -> trash = trash | BIT(K) :: else fi;
#else
    if :: loser -> d_step { supersede() } :: else fi;
#endif
#ifdef DAMAGE
    if :: key[me] && (loser || v[B(0)] == key[me]) -> suspect = 0 :: else fi;
#endif
    commit();
    assert(st[L(l)] && st[B(DIG(l))]);              /* S2: 201 is true when it is sent */
#ifdef DAMAGE
    assert(!key[me] || (!(bad & BIT(KEYOF(0))) && !suspect));       /* S8: after 201 of an upload the blob is whole, and served */
#endif
#if WITNESS == 1
    assert(!seen || loser);                         /* reached: 201 after a retry */
#elif WITNESS == 2
    assert(!seen || loser || !(trash & obj));       /* reached: S6: 201 for what was just collected and is not yet swept */
#endif
#ifdef CLOCK
    if :: me == 1 -> acked = 1; if :: !old -> basis = 1 + l :: else fi :: else fi;
#endif
    finish();
    goto again
  }

/* ---- MOUNT ------------------------------------------------------------------------------------------------------------- */
#ifndef PAIR
mount:
  atomic {                                          /* select 1 from repository_blobs (source) for key share */
#ifdef MUT_MOUNT_NO_LOCK
    if :: st[L(l2)] -> skip :: else -> REFUSED fi;
#else
    wait_ks(L(l2));
    if
    :: st[L(l2)] && !SUSPECT -> SHARE(L(l2))
    :: else -> REFUSED                              /* 202: a new session instead */
    fi;
#endif
    goto insert_link
  }
#endif
#endif

/* ---- MANIFEST PUT ------------------------------------------------------------------------------------------------------- */
#ifndef READER
put:
  atomic {                                          /* select digest from repository_blobs … order by digest for key share */
    next_link();
    if
    :: l < NL ->
       DIES;
#ifdef PUT_UNORDERED                                /* client 2 takes them in the opposite order */
       old = (me == 2 -> NL - 1 - l : l);
#else
       old = l;
#endif
#ifndef MUT_PUT_NO_LOCK
       wait_ks(L(old));
       if :: st[L(old)] -> SHARE(L(old)) :: else -> missing = 1 fi;
#else
       if :: st[L(old)] -> skip :: else -> missing = 1 fi;
#endif
       old = 0;
       l++;
       next_link()
    :: else
    fi;
    if :: l < NL -> goto put :: else -> l = 0 fi;
#ifndef SPARSE
    if :: missing -> goto put_unknown :: else fi;
#endif
    next_child();
    if :: m2 == NM -> m2 = 0; goto put_manifest :: else fi
  }
put_children:
  atomic {                                          /* select id from manifests … order by id for key share */
    next_child();
    DIES;
#ifdef MUT_CHILD_NO_LOCK
    if :: st[M(m2)] -> skip :: else -> REFUSED fi;
#else
    wait_ks(M(m2));
    if
    :: st[M(m2)] -> SHARE(M(m2))
#ifdef SPARSE
    :: else -> missing = 1                          /* a child is missing, and may be */
#else
    :: else ->                                      /* a child is missing */
#ifdef MCLOCK
       if :: me == 1 -> assert(basis == 0); acked = 0 :: else fi;           /* S2: only when the grace had elapsed */
#endif
       REFUSED
#endif
    fi;
#endif
    m2++;
    next_child();
    if :: m2 < NM -> goto put_children :: else -> m2 = 0 fi
  }
put_manifest:
  atomic {                                          /* insert into manifests … on conflict do update set pushed_at = now() */
    DIES;
#ifdef MUT_MANIFEST_DO_NOTHING
    wait_ins(M(m));                                 /* MUT: … on conflict do nothing: an existing row is not locked */
    if :: st[M(m)] -> goto put_tags :: else fi;
#elif defined(MUT_REPUT_NO_REFRESH)
    wait_ins(M(m));                                 /* MUT: … on conflict do nothing, then select for key share: held, but as old as before */
    if
    :: st[M(m)] && t == 0 -> wait_ks(M(m)); if :: st[M(m)] -> SHARE(M(m)); goto put_commit :: else fi
    :: else
    fi;
    wait_wr(M(m));
#else
    wait_wr(M(m));
#endif
    TAKE(M(m), WR);
#ifdef MUT_NO_FK
    goto put_tags;
#endif
    if :: st[M(m)] -> goto put_tags :: else fi;     /* a row that was there has its edges */
    next_unlocked();
    if :: l == NL && m2 == NM -> l = 0; m2 = 0; goto put_tags :: else fi
  }
put_edges:
  atomic {                                          /* insert into manifest_absent_references: at commit below. Foreign keys of manifest_blobs and manifest_children, rows not yet locked */
    DIES;
    next_unlocked();
    if
    :: l < NL -> foreign_key(L(l))
    :: else   -> foreign_key(M(m2))
    fi;
    next_unlocked();
    if :: l < NL || m2 < NM -> goto put_edges :: else -> l = 0; m2 = 0 fi
  }
put_tags:
#if NT > 0
#ifdef MUT_TAG_OLD_READ_BEFORE
  atomic {                                          /* MUT: the manifest that loses the tag is read by a statement of its own */
    DIES;
    if :: (t & 1) && st[T(0)] -> old = BIT(v[T(0)] - 1) :: else fi
  }
#endif
point_tags:
  atomic {                                          /* insert into tags … on conflict do update set manifest_id; order by name */
    do :: l < NT && !(t & BIT(l)) -> l++ :: else -> break od;
    if
    :: l < NT ->
       DIES;
#ifdef MUT_TAGS_UNORDERED
       lost = (me == 2 && t == 3 -> NT - 1 - l : l);
#else
       lost = l;
#endif
       wait_wr(T(lost));
       TAKE(T(lost), WR);
#ifndef MUT_TAG_OLD_READ_BEFORE
       if :: st[T(lost)] -> old = old | BIT(v[T(lost)] - 1) :: else fi;     /* of the row version that is overwritten */
#endif
#ifdef MUT_REVIEW_PER_TAG                           /* MUT: a statement per tag, each with its review (a trigger, say) */
       if :: st[T(lost)] && v[T(lost)] != m + 1 -> m2 = v[T(lost)] - 1; enqueue(MQ(m2)); m2 = 0 :: else fi;
#endif
       lost = 0;
       l++;
       do :: l < NT && !(t & BIT(l)) -> l++ :: else -> break od
    :: else
    fi;
    if :: l < NT -> goto point_tags :: else -> l = 0 fi;
    if :: t == 0 || xo[M(m)] == me -> goto put_reviews :: else fi
  }
  atomic {                                          /* the tags' foreign key */
    DIES;
    foreign_key(M(m))
  }
#endif
#ifdef GCMAN
#ifdef MUT_PUT_NO_REVIEW                            /* MUT: only what LOSES a reference is enqueued, not what is born without one */
#define SELF 0
#else
#define SELF (t == 0 && m2 == m)
#endif
#ifdef MUT_TAG_MOVE_NO_REVIEW
#define LOST_TAG 0
#else
#define LOST_TAG ((old & BIT(m2)) && m2 != m)
#endif
#define next_review() do :: m2 < NM && !SELF && !LOST_TAG -> m2++ :: else -> break od
put_reviews:
  atomic {                                          /* upsert gc_manifest_queue: itself when untagged, and who lost a tag; order by id */
    next_review();
    if
    :: m2 < NM ->
       DIES;
       enqueue(MQ(m2));
       m2++;
       next_review()
    :: else
    fi;
    if :: m2 < NM -> goto put_reviews :: else -> m2 = 0 fi
  }
#endif
put_commit:
  atomic {                                          /* outbox; commit; 201 */
    DIES;
#if NT > 0
    l = 0;
    do :: l < NT -> if :: t & BIT(l) -> v[T(l)] = m + 1 :: else fi; l++ :: else -> break od;
#endif
#ifdef SPARSE
    v[M(m)] = v[M(m)] | (missing -> 2 : 1);
#endif
#ifdef USE                                          /* ever_tagged = ever_tagged or excluded.ever_tagged, as the upsert above says */
#if defined(MUT_TAGGED_ON_INSERT)                   /* MUT: a manifest that was pushed by digest first is never marked */
    v[M(m)] = v[M(m)] | (t && !st[M(m)] -> 4 : 0);
#elif defined(MUT_TAGGED_FORGOTTEN)                 /* MUT: ever_tagged = excluded.ever_tagged: a push by digest takes the mark away */
    v[M(m)] = (t -> 4 : 0);
#else
    v[M(m)] = v[M(m)] | (t -> 4 : 0);
#endif
    if :: t -> used = used | BIT(m) :: else fi;
#endif
    commit();
    assert(st[M(m)]);                               /* S2: 201 is true when it is sent */
#ifdef CLOCK
    if :: me == 1 -> acked = 0; basis = 0 :: else fi;
#endif
#ifdef MCLOCK
    if :: me == 1 && m == 0 -> acked = 1; basis = 1 :: me == 1 && m == 1 -> acked = 0; basis = 0 :: else fi;
#endif
    finish();
    goto again
  }
put_unknown:
  atomic {                                          /* MANIFEST_BLOB_UNKNOWN */
#ifdef CLOCK
    if :: me == 1 -> assert(basis == 0); acked = 0 :: else fi;      /* S2: only when the grace had elapsed */
#endif
    REFUSED
  }

/* ---- MANIFEST DELETE ---------------------------------------------------------------------------------------------------- */
del:
#ifdef MUT_DEL_TAGS_FIRST
  goto del_tags;                                    /* MUT: the first draft's order: its tags, then the manifest */
#endif
del_lock:
  atomic {                                          /* select id from manifests where … for update */
    wait_upd(M(m));
    if
    :: st[M(m)] -> TAKE(M(m), UPD)
    :: else -> REFUSED                              /* 404 */
    fi;
#ifndef GCMAN
    goto del_row
#endif
  }
#ifdef GCMAN
  atomic {                                          /* NEW statement: child of an index: refused */
    DIES;
    if :: EDGED(m) -> REFUSED :: else fi;
#ifdef MUT_DEL_TAGS_FIRST
    goto del_row
#endif
  }
#define next_tag() do :: l < NT && !(st[T(l)] && v[T(l)] == m + 1) -> l++ :: else -> break od
del_tags:
  atomic {                                          /* delete from tags where manifest_id = …, order by name */
    next_tag();
    if
    :: l < NT ->
       DIES;
       wait_wr(T(l));
       if
       :: st[T(l)] && v[T(l)] == m + 1 -> TAKE(T(l), DEL)
       :: else -> skip                              /* after a wait it may have moved on */
       fi;
       l++;
       next_tag()
    :: else
    fi;
    if :: l < NT -> goto del_tags :: else -> l = 0 fi;
#ifdef MUT_DEL_TAGS_FIRST
    goto del_lock
#endif
  }
#endif
del_row:
  atomic {                                          /* delete from manifests where id = …; its edges go by cascade */
    DIES;
#if NT > 0 && !defined(MUT_NO_FK)
    l = 0;
#if MUT_DEL_TAGS_FIRST == 2                         /* 23503 from tags answered by a retry */
    do :: l < NT && !(st[T(l)] && v[T(l)] == m + 1 && xo[T(l)] != me) -> l++ :: l < NT && st[T(l)] && v[T(l)] == m + 1 && xo[T(l)] != me -> REFUSED
       :: else -> break od;
#else
    do :: l < NT -> assert(!(st[T(l)] && v[T(l)] == m + 1 && xo[T(l)] != me)); l++       /* 23503 from tags */
       :: else -> break od;
#endif
    l = 0;
#endif
    TAKE(M(m), DEL);
#ifdef USE
    cascade(P(m));
#endif
#ifdef MUT_LINKS_BEFORE_MANIFESTS
    goto del_links
#endif
  }
#ifdef GCMAN
del_manifests:
  atomic {                                          /* upsert gc_manifest_queue for lost children and referrers, order by id */
    if
    :: lost == 0 -> d_step { lost_manifests() }     /* the statement's snapshot */
    :: else
    fi;
    next_lost();
    if
    :: m2 < NM ->
       DIES;
       enqueue(MQ(m2));
       m2++;
       next_lost()
    :: else
    fi;
    if :: m2 < NM -> goto del_manifests :: else -> m2 = 0; lost = 0 fi;
#ifdef MUT_LINKS_BEFORE_MANIFESTS
    goto del_commit
#endif
  }
#endif
del_links:
  atomic {                                          /* upsert gc_link_queue for lost blobs, order by digest */
#ifdef MUT_DEL_NO_REVIEW
    skip;
#else
    next_link();
    if
    :: l < NL ->
       DIES;
#ifdef MUT_REVIEWS_UNORDERED
       old = (me == 2 -> NL - 1 - l : l);
#else
       old = l;
#endif
#ifdef MUT_SPARSE_DEL_NO_REVIEW                     /* MUT: an edge's end only */
       if :: EDGES(m) -> enqueue(LQ(old)) :: else fi;
#else
       enqueue(LQ(old));
#endif
       old = 0;
       l++;
       next_link()
    :: else
    fi;
    if :: l < NL -> goto del_links :: else -> l = 0 fi;
#endif
#if defined(MUT_LINKS_BEFORE_MANIFESTS) && defined(GCMAN)
    goto del_manifests
#endif
  }
del_commit:
  atomic {                                          /* outbox; commit; 202 */
    DIES;
#ifdef GCMAN
    if :: xo[MQ(m)] == 0 -> st[MQ(m)] = 0 :: else fi;       /* a review of an id that is gone does nothing but go: drop it here */
#endif
    commit();
#if defined(CLOCK) && defined(MUT_LOST_EDGE_DUE_NOW)
    v[LQ(m)] = 1;                                   /* MUT: review_after = now() */
#endif
#if defined(MCLOCK) && defined(MUT_LOST_EDGE_DUE_NOW)
    v[MQ(0)] = 1;                                   /* MUT: likewise for the child */
#endif
    finish();
    goto again
  }
#endif

/* ---- PULLS, recorded together behind the answers: one statement, a row of manifests and one of manifest_pulls after the other --- */
#ifdef USE
pull:
  atomic {                                          /* insert into manifest_pulls select id from manifests … order by id for key share */
    do :: m < NM && !(t & BIT(m)) -> m++ :: else -> break od;
    if :: m == NM -> goto pull_commit :: else fi;
    DIES;
#ifndef MUT_PULL_NO_LOCK
    wait_ks(M(m));
#endif
    if
    :: st[M(m)] ->
#ifndef MUT_PULL_NO_LOCK
       SHARE(M(m))
#else
       skip
#endif
    :: else -> m++; goto pull                       /* gone: no row */
    fi
  }
  atomic {                                          /* … on conflict do update set pulled_at = now() */
    DIES;
    wait_wr(P(m));
    TAKE(P(m), WR)
  }
#if defined(MUT_PULL_NO_LOCK) && !defined(MUT_NO_FK)
  atomic { DIES; foreign_key(M(m)) }
#endif
  atomic { m++; goto pull }
pull_commit:
  atomic {
    DIES;
    m = 0;
    do :: m < NM -> if :: xo[P(m)] == me -> used = used | BIT(m) :: else fi; m++ :: else -> break od;
    commit();
    finish();
    goto again
  }
#endif

/* ---- TAG DELETE ---------------------------------------------------------------------------------------------------------- */
#if NT == 1
deltag:
  atomic {                                          /* delete from tags where name = … returning manifest_id */
    wait_upd(T(0));
    if
    :: st[T(0)] -> TAKE(T(0), DEL); m = v[T(0)] - 1
    :: else -> REFUSED                              /* 404 */
    fi
  }
  atomic {                                          /* upsert gc_manifest_queue */
    DIES;
    enqueue(MQ(m))
  }
  atomic { DIES; commit(); finish(); goto again }
#endif

/* ---- BLOB DELETE (the API's) ---------------------------------------------------------------------------------------------- */
#if defined(BLOBS) || defined(READER)
delblob:
  atomic {                                          /* select 1 from repository_blobs … for update */
    wait_upd(L(l));
    if
    :: st[L(l)] -> TAKE(L(l), UPD)
    :: else -> REFUSED                              /* 404 */
    fi
  }
  atomic { DIES; if :: REFD(l) -> REFUSED :: else fi }      /* NEW statement: in use */
  atomic { DIES; TAKE(L(l), DEL) }                  /* delete from repository_blobs */
  atomic { DIES; enqueue(BQ(DIG(l))) }              /* upsert gc_blob_queue */
  atomic { DIES; commit(); finish(); goto again }
#endif

/* ---- HEAD of a blob, or of a manifest, with push scope ---------------------------------------------------------------------- */
#if defined(CLOCK) || defined(MCLOCK)
#ifdef CLOCK
#define HEAD_ROW    L(l)
#define HEAD_REVIEW LQ(l)
#else
#define HEAD_ROW    M(0)
#define HEAD_REVIEW MQ(0)
#endif
head:
  atomic { if :: st[HEAD_ROW] -> skip :: else -> REFUSED fi }       /* HEAD: select …; none: 404 */
  atomic {                                          /* update gc_…_queue set review_after = … where … and due within the hour */
    if
    :: st[HEAD_REVIEW] ->
       wait_wr(HEAD_REVIEW);
       basis = 8 + l;                               /* the grace counts from here */
       if :: st[HEAD_REVIEW] -> v[HEAD_REVIEW] = 0; goto head_ok :: else fi
    :: else -> basis = 8 + l                        /* 0 rows: an insert in progress is not seen */
    fi
  }
#ifndef MUT_HEAD_NO_RECHECK
  atomic { if :: st[HEAD_ROW] -> skip :: else -> REFUSED fi }       /* 0 rows. NEW statement: is it still there? None: 404 */
#endif
head_ok:
  atomic { acked = 1; finish(); goto again }        /* HEAD: 200 */
#endif

left:
}

/* ================================================================ collectors ============================================ */

#ifdef CLOCK
#define LINK_DUE(l)  (st[LQ(l)] && xo[LQ(l)] == 0 && v[LQ(l)])
#else
#define LINK_DUE(l)  (st[LQ(l)] && xo[LQ(l)] == 0)
#endif
#ifdef MCLOCK
#define MANIFEST_DUE(m) (st[MQ(m)] && xo[MQ(m)] == 0 && v[MQ(m)])
#else
#define MANIFEST_DUE(m) (st[MQ(m)] && xo[MQ(m)] == 0)
#endif
#define SWEEP_DUE(k) ((trash & BIT(k)) && (!(NOT_BEFORE & 1) || !(writing & BIT(k))) && (!(NOT_BEFORE & 2) || rkey != (k) + 1))

#undef DIES
#undef CLEAR
#ifdef SPARSE
#define CLEAR l = 0; d = 0; m = 0; m2 = 0; lost = 0; ref = 0; there = 0; key[me] = 0; kept = kept & ~BIT(me)
#else
#define CLEAR l = 0; d = 0; m = 0; m2 = 0; lost = 0; ref = 0; there = 0; key[me] = 0
#endif
#ifdef MUT_SPARSE_NO_LOOK                           /* MUT: reviews look at edges only */
#define NEEDED_LINK(l) HELD(l)
#else
#define NEEDED_LINK(l) REFD(l)
#endif
inline idle() { d_step { CLEAR } }
inline stop() { d_step { release(0); CLEAR } }      /* dies and is started again; or finds nothing to do: rolled back */
#define DIES     if :: CRASH -> stop(); goto end_idle :: skip fi
#ifdef CLOCK
#define POSTPONE TAKE(LQ(l), WR); commit(); idle(); goto end_idle
#elif defined(MCLOCK)
#define POSTPONE TAKE(MQ(m), WR); commit(); idle(); goto end_idle
#else
#define POSTPONE stop(); goto end_idle              /* due later: without a clock the row is as it was */
#endif
#define SKIP_LOCKED(row) \
       if \
       :: st[row] && xo[row] == 0 && ks[row] == 0 -> TAKE(row, UPD); there = 1 \
       :: else -> there = 0 \
       fi

proctype Collector(byte me) {
  byte l, d, m, m2, lost;
  bit  ref, there;

end_idle:
  do
#ifndef GCMAN
/* ---- GC LINK ---- */
  :: atomic {                                       /* select … from gc_link_queue where review_after < now() for update skip locked limit 1 */
       if
       :: LINK_DUE(0) -> l = 0
#if NL > 1
       :: LINK_DUE(1) -> l = 1
#endif
       fi;
#ifdef SPARSE
       if :: st[L(l)] && REFD(l) -> kept = kept | BIT(me) :: else fi;
#endif
#ifndef MUT_NO_CLAIM
       TAKE(LQ(l), UPD)
#endif
     }
#ifdef MUT_STALE_CHECK
     atomic { DIES; ref = REFD(l) }                 /* MUT: the snapshot of the statement that takes the lock */
#endif
     atomic {                                       /* select … from repository_blobs … for update skip locked */
       DIES;
       SKIP_LOCKED(L(l))
     }
     if
     :: atomic {                                    /* 0 rows. NEW statement: held → postpone, gone → dequeue */
          !there ->
          DIES;
#ifndef MUT_HELD_IS_GONE
          if :: st[L(l)] -> POSTPONE :: else fi;
#endif
          goto link_dequeue
        }
     :: atomic {                                    /* NEW statement: select exists (select from manifest_blobs …) */
          there ->
          there = 0;
          DIES;
#ifndef MUT_STALE_CHECK
          ref = NEEDED_LINK(l);
#endif
          if :: ref -> goto link_dequeue :: else fi;
#if defined(CLOCK) && !defined(MUT_NO_FRESH)
          if :: v[L(l)] -> POSTPONE :: else fi
#elif defined(MUT_FRESH_DEQUEUES)
          if :: goto link_dequeue :: skip fi        /* MUT: "fresh: keep" read as: forget the review */
#elif !defined(CLOCK)
          if :: POSTPONE :: skip fi                 /* fresh, or not */
#endif
        }
     fi;
     atomic {                                       /* delete from repository_blobs …; the foreign key of manifest_blobs looks */
       DIES;
#ifndef MUT_NO_FK
       assert(!HELD(l));                            /* 23503 from manifest_blobs */
#endif
#ifdef SPARSE
       assert(!(kept & BIT(me)));                   /* S7: what a sparse manifest lists and is there is kept */
#endif
       TAKE(L(l), DEL)
     }
     atomic {                                       /* upsert gc_blob_queue */
       DIES;
       enqueue(BQ(DIG(l)))
     }
link_dequeue:
     atomic {                                       /* delete from gc_link_queue …; commit */
       DIES;
#ifdef MUT_NO_CLAIM
       wait_wr(LQ(l));
#endif
       TAKE(LQ(l), DEL);
       commit();
       idle()
     }

/* ---- GC BLOB ---- */
  :: atomic {                                       /* claim from gc_blob_queue */
       if
       :: st[BQ(0)] && xo[BQ(0)] == 0 -> d = 0
#if ND > 1
       :: st[BQ(1)] && xo[BQ(1)] == 0 -> d = 1
#endif
       fi;
       TAKE(BQ(d), UPD)
     }
#ifdef MUT_STALE_BLOB_CHECK
     atomic { DIES; ref = LINKED(d) }
#endif
     atomic {                                       /* select … from blobs … for update skip locked */
       DIES;
       SKIP_LOCKED(B(d))
     }
     if
     :: atomic {
          !there ->
          DIES;
          if :: st[B(d)] -> stop(); goto end_idle :: else -> goto blob_dequeue fi
        }
     :: atomic {                                    /* NEW statement: select exists (select from repository_blobs …) */
          there ->
          there = 0;
          DIES;
#ifndef MUT_STALE_BLOB_CHECK
          ref = LINKED(d);
#endif
          if :: ref -> goto blob_dequeue :: else fi
        }
     fi;
     atomic {                                       /* with x as (delete from blobs … returning storage_key) insert into blob_trash */
       DIES;
       assert(!LINKED(d));                          /* 23503 from repository_blobs */
       TAKE(B(d), DEL)                              /* the trash row is written at commit below */
     }
#ifdef MUT_TRASH_TX
     atomic { DIES; lost = v[B(d)]; commit() }      /* MUT: two transactions, the row first */
     atomic { DIES; trash = trash | BIT(lost - 1); lost = 0 }
#endif
blob_dequeue:
     atomic {                                       /* delete from gc_blob_queue …; commit */
       DIES;
       TAKE(BQ(d), DEL);
       d_step {
         if
         :: xo[B(d)] == me && xm[B(d)] == DEL ->
#ifdef DAMAGE
            suspect = 0;
#endif
#ifdef TIDY
            REMOVE(BIT(v[B(d)] - 1)); st[B(d)] = 0; v[B(d)] = 0
#else
            trash = trash | BIT(v[B(d)] - 1)
#endif
#if WITNESS == 2
            ; seen = 1
#endif
         :: else
         fi
       }
       commit();
       idle()
     }
#endif

/* ---- GC MANIFEST ---- */
#ifdef GCMAN
#ifdef USE
/* ---- UNTAGGED, when gc.untagged has been turned on: one statement ---- */
  :: atomic {                                       /* insert into gc_manifest_queue select id from manifests … without tag, parent and review; on conflict do nothing */
       if
       :: st[M(0)] && !TAGGED(0) && !EDGED(0) && !st[MQ(0)] && xo[MQ(0)] == 0 -> m = 0
       :: st[M(1)] && !TAGGED(1) && !EDGED(1) && !st[MQ(1)] && xo[MQ(1)] == 0 -> m = 1
       fi;
       TAKE(MQ(m), WR);
       commit();
       idle()
     }
#endif
  :: atomic {                                       /* claim from gc_manifest_queue */
       if
       :: MANIFEST_DUE(0) -> m = 0
       :: MANIFEST_DUE(1) -> m = 1
#if NM > 2
       :: MANIFEST_DUE(2) -> m = 2
#endif
       fi;
#ifdef SPARSE
       if :: st[M(m)] && PARENT(m) -> kept = kept | BIT(me) :: else fi;
#endif
       TAKE(MQ(m), UPD)
     }
#ifdef MUT_STALE_MANIFEST_CHECK
     atomic { DIES; ref = TAGGED(m) || PARENT(m) }
#endif
#ifdef MUT_STALE_USE                                /* MUT: the snapshot of the statement that takes the lock */
     atomic { DIES; ref = USED(m) }
#endif
     atomic {                                       /* select … from manifests … for update skip locked */
       DIES;
       SKIP_LOCKED(M(m))
     }
     if
     :: atomic {
          !there ->
          DIES;
          if :: st[M(m)] -> POSTPONE :: else -> goto manifest_dequeue fi
        }
     :: atomic {                                    /* NEW statement: tagged or child of an index → dequeue; fresh → postpone; used → dequeue */
          there ->
          there = 0;
          DIES;
#if defined(MUT_STALE_USE)
          ref = ref || TAGGED(m) || EDGED(m);
#elif !defined(MUT_STALE_MANIFEST_CHECK)
          ref = TAGGED(m) || EDGED(m) || USED(m);
#endif
          if :: ref -> goto manifest_dequeue :: else fi;
#ifdef MCLOCK
          if :: v[M(m)] -> POSTPONE :: else fi
#else
          if :: POSTPONE :: skip fi                 /* fresh, or not */
#endif
#if defined(SPARSE) && !defined(MUT_SPARSE_NO_LOOK)
          ;
          there = LISTED(m);                        /* the same statement: listed as absent by a manifest */
#endif
        }
     fi;
#if defined(SPARSE) && !defined(MUT_SPARSE_NO_LOOK)
     atomic {                                       /* listed: select 1 from manifests (that list it) for key share skip locked → dequeue; 0 rows → postpone */
       if
       :: there ->
          there = 0;
          DIES;
#ifdef MUT_SPARSE_SEEN
          goto manifest_dequeue                     /* MUT: seen is enough */
#else
          if :: LISTED(m) && xm[M(1)] < UPD -> SHARE(M(1)); goto manifest_dequeue :: else -> POSTPONE fi
#endif
       :: else
       fi
     }
#endif
#ifdef REFERRER
#ifdef MUT_REFERRER_NOT_KEPT
     atomic {                                       /* MUT: "tagged, child of an index, or fresh → keep; else delete" */
       assert(!SUBJLIVE(m))                         /* a referrer of a live subject is kept */
     }
#else
     atomic {                                       /* select 1 from manifests (subject) for key share skip locked → dequeue */
       DIES;
       if
#ifdef MUT_SUBJECT_NO_LOCK
       :: SUBJLIVE(m) -> goto manifest_dequeue      /* MUT: seen is enough */
#else
       :: SUBJLIVE(m) && xm[M(SUBJ(m))] < UPD -> SHARE(M(SUBJ(m))); goto manifest_dequeue
#endif
       :: else
       fi
     }
     atomic { DIES; if :: SUBJLIVE(m) -> POSTPONE :: else fi }      /* 0 rows. NEW statement: held → postpone */
#endif
#endif
     atomic {                                       /* delete from manifests where id = …; edges by cascade */
       DIES;
       assert(!TAGGED(m) && !EDGED(m));             /* 23503 from tags or manifest_children */
#ifdef USE
       assert(!(used & BIT(m)));                    /* S9: what was ever tagged, or recorded as pulled, is kept */
       cascade(P(m));
#endif
#ifdef SPARSE
       assert(!(kept & BIT(me)));                   /* S7: what a sparse manifest lists and is there is kept */
#endif
       TAKE(M(m), DEL);
#ifdef MUT_LINKS_BEFORE_MANIFESTS
       goto gc_links
#endif
     }
gc_manifests:
     atomic {                                       /* upsert gc_manifest_queue for lost children and referrers, order by id */
       if
       :: lost == 0 -> d_step { lost_manifests() }
       :: else
       fi;
       next_lost();
       if
       :: m2 < NM ->
          DIES;
          enqueue(MQ(m2));
          m2++;
          next_lost()
       :: else
       fi;
       if :: m2 < NM -> goto gc_manifests :: else -> m2 = 0; lost = 0 fi;
#ifdef MUT_LINKS_BEFORE_MANIFESTS
       goto manifest_dequeue
#endif
     }
gc_links:
     atomic {                                       /* upsert gc_link_queue for lost blobs, order by digest */
       next_link();
       if
       :: l < NL ->
          DIES;
          enqueue(LQ(l));
          l++;
          next_link()
       :: else
       fi;
       if :: l < NL -> goto gc_links :: else -> l = 0 fi;
#ifdef MUT_LINKS_BEFORE_MANIFESTS
       goto gc_manifests
#endif
     }
manifest_dequeue:
     atomic {                                       /* delete from gc_manifest_queue …; commit */
       DIES;
       TAKE(MQ(m), DEL);
       commit();
       idle()
     }
#endif

#ifndef GCMAN
/* ---- SWEEP: no transaction around the store ---- */
#ifndef TIDY
  :: atomic {                                       /* select storage_key from blob_trash where not_before < now() */
       if
       :: SWEEP_DUE(0) -> key[me] = 1
       :: SWEEP_DUE(1) -> key[me] = 2
#if NK > 2
       :: SWEEP_DUE(2) -> key[me] = 3
#endif
#if NK > 3
       :: SWEEP_DUE(3) -> key[me] = 4
#endif
       fi
     }
#ifdef MUT_ROW_FIRST
     atomic { DIES; trash = trash & ~BIT(K); d_step { invariants() } }
     atomic { DIES; REMOVE(OB(K)); d_step { invariants() }; idle() }
#else
     atomic { DIES; REMOVE(OB(K)); d_step { invariants() } }               /* delete the object; absent is fine */
     atomic { DIES; trash = trash & ~BIT(K); d_step { invariants() }; idle() }  /* delete from blob_trash */
#endif
#endif

#ifdef DAMAGE
/* ---- SECOND LOOK: a suspect object is read again, outside any transaction ---- */
  :: atomic { suspect && st[B(0)] -> key[me] = v[B(0)] }    /* select storage_key from blobs where suspect_since is not null and due */
     if
     :: atomic {                                    /* whole: update blobs set suspect_since = null where digest = … and storage_key = the key that was read */
          !(bad & BIT(K)) ->
          DIES;
          wait_wr(B(0));
          d_step {
#ifdef MUT_CLEAR_ANY_KEY
            if :: st[B(0)] -> suspect = 0; found = found & ~BIT(K) :: else fi
#else
            if :: st[B(0)] && v[B(0)] == key[me] -> suspect = 0; found = found & ~BIT(K) :: else fi
#endif
          };
          idle()
        }
     :: atomic { bad & BIT(K) -> idle() }           /* looked at again later */
     fi
#endif

/* ---- UPLOAD EXPIRY, and DELETE of a session by its client: one statement, skip locked ---- */
  :: atomic {                                       /* with x as (delete from upload_sessions … returning storage_key) insert into blob_trash */
       if
       :: st[S(0)] && xo[S(0)] == 0 -> key[me] = 1
       :: st[S(1)] && xo[S(1)] == 0 -> key[me] = 2
#if NK > 2
       :: st[S(2)] && xo[S(2)] == 0 -> key[me] = 3
#endif
#if NK > 3
       :: st[S(3)] && xo[S(3)] == 0 -> key[me] = 4
#endif
       fi;
       st[S(K)] = 0;
#ifndef MUT_KEY_PER_DIGEST
       trash = trash | BIT(K);
#endif
       d_step { invariants() };
       idle()
     }
#endif
  od
}

#ifdef CLOCK
/* Times pass at any moment: linked_at falls out of half the grace, then of the grace; a review becomes due. */
proctype Clock() {
end_clock:
  do
  :: atomic {                                       /* linked_at of link 0 is another half of the grace ago */
       v[L(0)] -> v[L(0)] = v[L(0)] - 1; if :: v[L(0)] == 0 && basis == 1 -> basis = 0 :: else fi
     }
  :: atomic {                                       /* linked_at of link 1, likewise */
       v[L(1)] -> v[L(1)] = v[L(1)] - 1; if :: v[L(1)] == 0 && basis == 2 -> basis = 0 :: else fi
     }
  :: atomic {                                       /* the review of link 0 is due */
       st[LQ(0)] && !v[LQ(0)] -> v[LQ(0)] = 1; if :: basis == 1 || basis == 8 -> basis = 0 :: else fi
     }
  :: atomic {                                       /* the review of link 1 is due */
       st[LQ(1)] && !v[LQ(1)] -> v[LQ(1)] = 1; if :: basis == 2 || basis == 9 -> basis = 0 :: else fi
     }
  od
}
#endif

#ifdef MCLOCK
proctype Clock() {
end_clock:
  do
  :: atomic {                                       /* pushed_at of the child is a grace ago */
       v[M(0)] -> v[M(0)] = 0; if :: basis == 1 -> basis = 0 :: else fi
     }
  :: atomic { v[M(1)] -> v[M(1)] = 0 }              /* pushed_at of the index is a grace ago */
  :: atomic {                                       /* the review of the child is due */
       st[MQ(0)] && !v[MQ(0)] -> v[MQ(0)] = 1; if :: basis == 1 || basis == 8 -> basis = 0 :: else fi
     }
  :: atomic { st[MQ(1)] && !v[MQ(1)] -> v[MQ(1)] = 1 }      /* the review of the index is due */
  od
}
#endif

#ifdef READER
/* GET: one statement finds link and storage key; the object is opened later. */
#ifdef TIDY                                         /* the sweep is taken at once, under a reader, too: S3 of a reader is for the others */
#define OPENED skip
#else
#define OPENED assert(obj & OB(rkey - 1))           /* S3: GET finds it */
#endif
proctype Reader() {
#ifdef DAMAGE
  byte me = NP;                                     /* (of the macros that wait; blocks nobody, since its one statement is its transaction) */
#endif
end_reader:
  do
  :: atomic {
       st[L(0)] && !SUSPECT -> rkey = v[B(0)];
#ifdef DAMAGE
       assert(!(found & BIT(rkey - 1)))             /* S8: what was found damaged is not served again before it is whole */
#endif
     }
#ifdef DAMAGE
     if
     :: atomic { true -> OPENED; rkey = 0 }          /* whole, or nobody looked */
     :: atomic {                                    /* damaged or lost; or only misread (a bit of memory, a short answer) */
          OPENED;
          FREE_WR(B(0)) ->                          /* update blobs set suspect_since = now() where digest = … and storage_key = the key that was read */
          d_step {
            if
#ifdef MUT_MARK_ANY_KEY
            :: st[B(0)] -> suspect = 1; found = found | BIT(rkey - 1)
#else
            :: st[B(0)] && v[B(0)] == rkey -> suspect = 1; found = found | BIT(rkey - 1)
#endif
            :: else
            fi;
            assert(!suspect || (found & BIT(v[B(0)] - 1)));         /* S8: only what was found so is suspect */
            rkey = 0
          }
        }
     fi
#else
     atomic {                                       /* open the object */
       assert(obj & OB(rkey - 1));                  /* S3: GET finds it */
       rkey = 0
     }
#endif
  od
}
#endif

#ifdef DAMAGE
/* A disk, a store or an operator: the object of a live blob is damaged or lost (`obj` says where the registry believes an object). */
proctype Damage() {
end_damage:
  do
  :: atomic { st[B(0)] && !(bad & BIT(v[B(0)] - 1)) -> bad = bad | BIT(v[B(0)] - 1) }
  od
}
#endif

init {
  atomic {
#ifdef GCMAN
    obj = 1; st[B(0)] = 1; v[B(0)] = 1; st[L(0)] = 1; st[LQ(0)] = 1;
#endif
    run Client(1);
#if NCL > 1
    run Client(2);
#endif
#if NCL > 2
    run Client(3);
#endif
    run Collector(NCL + 1);
#if NGC > 1
    run Collector(NCL + 2);
#endif
#if NGC > 2
    run Collector(NCL + 3);
#endif
#if defined(CLOCK) || defined(MCLOCK)
    run Clock();
#endif
#ifdef READER
    run Reader();
#endif
#ifdef DAMAGE
    run Damage();
#endif
  }
  timeout;                                          /* nobody can move any more */
  d_step {
    assert(gone == NCL);                            /* S5: nobody is blocked for ever */
    hi = 0;
    do :: hi < NROW -> assert(xo[hi] == 0 && ks[hi] == 0); hi++ :: else -> break od;
#ifdef GCMAN
    hi = 0;                                         /* S4: the queues are drained and nothing unreferenced is left */
    do :: hi < NM -> assert(!st[MQ(hi)] && (!st[M(hi)] || TAGGED(hi) || PARENT(hi) || SUBJLIVE(hi))); hi++ :: else -> break od;
#else
    hi = 0;
    do :: hi < NL -> assert(!st[LQ(hi)] && (!st[L(hi)] || REFD(hi))); hi++ :: else -> break od;
    hi = 0; hm = 0;
    do
    :: hi < ND ->
       assert(!st[BQ(hi)] && (!st[B(hi)] || LINKED(hi)));
       hm = hm | (st[B(hi)] -> OB(KEYOF(hi)) : 0);
       hi++
    :: else -> break
    od;
    assert(trash == 0 && obj == hm);
#ifdef DAMAGE
    assert(!suspect || (bad & BIT(v[B(0)] - 1)));   /* S8: what is whole does not stay suspect */
#endif
    hi = 0;
    do :: hi < NK -> assert(!st[S(hi)]); hi++ :: else -> break od;
#endif
    hi = 0; hm = 0
  }
}

#endif /* !SESSION */

/* ======================================================================================================================== */
#ifdef SESSION
/*
 * Requests with bytes (PATCH, PUT) on ONE upload session, carried out by replicas that know nothing of each other: a client's
 * retry while the first try still runs, or somebody who wants two at once. Here it is the object's content that counts.
 *   The first draft said: any replica may serve any chunk; the key is in the session row before the first byte; commit moves the key.
 *   It did not say that one request at a time writes, nor that a late one is waited for. Verified is: a request claims the
 *   session (upload_sessions.writer, with a lease longer than any request) before its first byte, commit and every other
 *   update of the row ask for that writer, and not_before outlives every request.
 *   -DRENAME: the object moves to its final name before the commit; the session row names both keys by then.
 */
#ifndef NREQ
#define NREQ 3
#endif
#ifndef NOT_BEFORE
#define NOT_BEFORE 1
#endif
#define BIT(x) (1 << (x))
#define NONE 0
#define PART 1           /* not, or not yet, the bytes of the digest */
#define GOOD 2
#ifdef RENAME
#define FINAL 2
#else
#define FINAL 1
#endif

bit  ses = 1;            /* upload_sessions: the row exists */
byte writer;             /* upload_sessions.writer; 0: nobody */
bit  recorded;           /* upload_sessions: the row names the final key, too */
byte live;               /* blobs.storage_key: 1 the session's key, 2 the final key, 0 no row */
byte trash;              /* blob_trash: a bit per key */
byte obj[3];             /* what lies under the key */
byte alive;              /* requests that run */
byte amid;               /* requests between their first byte and their last */

#ifdef MUT_NO_WRITER
#define MAY_CLAIM    true
#define MINE         true
#else
#ifdef MUT_LEASE_TOO_SHORT
#define MAY_CLAIM    true                           /* MUT: a lease may end while its request still writes */
#else
#define MAY_CLAIM    (writer == 0 || !(alive & BIT(writer)))
#endif
#define MINE         (writer == me)
#endif

inline check() {
  assert(!live || obj[live] == GOOD);               /* S1, S3: the object of a live row is there and has the digest's bytes */
  assert(live != 1 || !amid);                       /* S1, S3: and nobody is writing to it */
  assert(alive || !obj[1] || ses || (trash & BIT(1)) || live == 1);                     /* S4: no orphaned object */
  assert(alive || !obj[2] || (ses && recorded) || (trash & BIT(2)) || live == 2)        /* S4: no orphaned object under the final key */
}
inline over() { alive = alive & ~BIT(me); amid = amid & ~BIT(me); check() }
#define DIES if :: d_step { over() }; goto again :: skip fi

proctype Request(byte me) {
again:
  atomic {                                          /* update upload_sessions set writer = me, … where id = … and (writer is null or lease over) */
    if
    :: ses && MAY_CLAIM -> writer = me; alive = alive | BIT(me)
    :: true -> goto left                            /* 404; or busy (409) and the client gives up */
    fi
  }
  atomic { DIES; obj[1] = PART; amid = amid | BIT(me); d_step { check() } }             /* first byte */
  atomic { DIES; obj[1] = GOOD; amid = amid & ~BIT(me); d_step { check() } }            /* last byte; durable; the digest is right */
#ifdef RENAME
#ifndef MUT_RENAME_UNRECORDED
  atomic {                                          /* update upload_sessions set final_key = … where id = … and writer = me; committed */
    DIES;
    if :: ses && MINE -> recorded = 1 :: else -> d_step { over() }; goto left fi
  }
#endif
  atomic {                                          /* rename */
    DIES;
    if
    :: obj[1] -> obj[2] = obj[1]; obj[1] = NONE; d_step { check() }
    :: else -> d_step { over() }; goto left         /* not there any more: 404 */
    fi
  }
#endif
closing:
  atomic {                                          /* upload commit: delete from upload_sessions where id = … and writer = me returning … */
    DIES;
    if
    :: ses && MINE ->
       ses = 0; writer = 0; recorded = 0;
       if
       :: live = FINAL                              /* insert into blobs */
       :: trash = trash | BIT(FINAL)                /* the digest is there already: own key to the trash */
       fi;
       d_step { check() };
       if :: goto closing :: skip fi                /* the answer to COMMIT may be lost, then it is tried again */
    :: else ->                                      /* 0 rows: 404 BLOB_UPLOAD_UNKNOWN */
#ifdef MUT_RETRASH_BLIND
       trash = trash | BIT(FINAL);                  /* MUT: "the session has gone, so what I wrote is garbage" */
#endif
       skip
    fi;
    d_step { over() };
    goto left
  }
left:
}

#if NOT_BEFORE
#define SWEEP_DUE(k) ((trash & BIT(k)) && !alive)
#else
#define SWEEP_DUE(k) (trash & BIT(k))
#endif

proctype Collector() {
  byte k;
end_idle:
  do
  :: atomic {                                       /* upload expiry, or DELETE of the session by its client */
       ses ->
       trash = trash | BIT(1) | (recorded -> BIT(2) : 0);
       ses = 0; writer = 0; recorded = 0;
       d_step { check() }
     }
  :: atomic { live -> trash = trash | BIT(live); live = 0; d_step { check() } }         /* GC BLOB */
  :: atomic { if :: SWEEP_DUE(1) -> k = 1 :: SWEEP_DUE(2) -> k = 2 fi }                 /* SWEEP */
     atomic { obj[k] = NONE; d_step { check() } }
     atomic { trash = trash & ~BIT(k); d_step { check() }; k = 0 }
  od
}

init {
  atomic {
    run Request(1);
    run Request(2);
#if NREQ > 2
    run Request(3);
#endif
    run Collector();
    run Collector()
  }
  timeout;
  d_step { assert(!alive && !ses && !trash && !live && !obj[1] && !obj[2]) }
}
#endif /* SESSION */
