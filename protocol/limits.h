#pragma once

// Every number that bounds something, each with its reason. Units come last in the names.
// Each bound has an outcome that the other side can see; protocol/README.md lists them.

#include <cstddef>
#include <cstdint>

namespace netchat::limits {

inline constexpr size_t kKiB = 1024;
inline constexpr size_t kMiB = 1024 * kKiB;
inline constexpr uint64_t kGiB = 1024ULL * kMiB;

// ---- the wire

// v2's header is always this wide; classic's is configurable and this is the original's default.
inline constexpr size_t kHeaderWidth = 10;
// Below 2 a header cannot announce the time field (19 bytes); above 20 no 64-bit length needs it.
inline constexpr size_t kHeaderWidthMin = 2;
inline constexpr size_t kHeaderWidthMax = 20;

// A text this long is a document; longer ones are better dropped as files.
inline constexpr size_t kTextBytesMax = 1 * kMiB;
// Room for every label of the longest verb (an offer with a 255-byte name), several times over.
inline constexpr size_t kHeadBytesMax = 4 * kKiB;
// A body is a text, a chunk, a roster or a page of history: none exceeds the longest text by much.
inline constexpr size_t kFrameBytesMax = kTextBytesMax + kHeadBytesMax + 256 * kKiB;
// How far a transfer may be ahead of what the other side has stored, and the longest chunk: what a
// cut makes it send again at most. Ahead enough for 1 GB/s at 1 ms, or 10 MB/s at 100 ms.
inline constexpr size_t kChunkBytesMax = 1 * kMiB;
// What is sent at a time: chat waits for at most one of them.
inline constexpr size_t kPieceBytes = 64 * kKiB;
// What a v2 hello may measure; anything longer before the greeting is not a greeting.
inline constexpr size_t kHelloBytesMax = kHeadBytesMax;

// ---- names

inline constexpr size_t kNickCodePointsMax = 64;  // the original's bound on user names
inline constexpr size_t kRoomCodePointsMax = 64;  // the same, so that screens can rely on it
inline constexpr size_t kFileNameBytesMax = 255;  // NAME_MAX of every common file system
// Of a file's folder: a head line has 4096 bytes for all of its labels; a tree that is deeper is
// archived first.
inline constexpr size_t kFolderBytesMax = 1024;
inline constexpr size_t kFolderPartsMax = 32;
inline constexpr size_t kIdBytesMax = 64;  // a client's own number for what it says

// ---- sizes and counts

// The default of --max-file.
inline constexpr uint64_t kFileBytesMax = 2 * kGiB;
// The default of --auto-download: larger announced files are fetched on demand only.
inline constexpr uint64_t kAutoDownloadBytes = 64 * kMiB;
// The members that `joined` lists and up to which a room announces who comes and goes: beyond,
// presence would cost the square of the members. `who` pages through the rest.
inline constexpr size_t kPresenceMembersMax = 256;
// Members in one `who` answer.
inline constexpr size_t kWhoMembersMax = 1000;
// A page of history is as long as this and one more entry: both fit into a frame.
inline constexpr size_t kPageBytesMax = 192 * kKiB;
// Entries in one `history` answer, and rooms in one `rooms` answer.
inline constexpr size_t kHistoryEntriesMax = 1000;
inline constexpr size_t kRoomsListedMax = 1000;
// Entries in one `search` answer.
inline constexpr size_t kFoundEntriesMax = 100;
// Words in one search: more is a text, not a question.
inline constexpr size_t kSearchBytesMax = 256;
// How far back a log in memory is searched: everybody waits for some 20 ms.
inline constexpr size_t kSearchedEntriesMax = 20'000;
inline constexpr size_t kSearchedBytesMax = 2 * kMiB;
// Searches that wait for the one under way.
inline constexpr size_t kSearchesWaitingMax = 100;
// Rooms that one user may be in: each costs a seat.
inline constexpr size_t kRoomsPerUserMax = 64;
// Rooms on the server: each costs its log and its members.
inline constexpr size_t kRoomsMax = 10'000;
// Members of one room: each costs a seat, and a delivery of every message.
inline constexpr size_t kMembersPerRoomMax = 50'000;
// Uploads and downloads that one connection may have under way, each.
inline constexpr size_t kTransfersPerSessionMax = 8;

// ---- the server's memory

// What a room's log keeps in memory when it is not on disk; older entries are answered by a `gap`.
inline constexpr size_t kMemoryLogBytesMax = 64 * kMiB;
inline constexpr size_t kMemoryLogEntriesMax = 200'000;
// How much of a room's newest bytes a loop keeps for sessions that are behind; a session further
// behind catches up from the log.
inline constexpr size_t kTailBytesMax = 1 * kMiB;
// One page of catch-up: what a slow session holds at most, besides what the kernel holds for it.
inline constexpr size_t kCatchUpBytes = 128 * kKiB;
// Of one session, where the log answers later: what it has said and asked that waits for the log,
// and the bytes of it. It is not read beyond either, until it is below half.
inline constexpr size_t kUnansweredMax = 256;
inline constexpr size_t kUnansweredBytesMax = 1 * kMiB;
// Of all sessions together: beyond, whoever adds to it is not read.
inline constexpr size_t kUnansweredBytesInAllMax = 64 * kMiB;
// Questions with long answers (history, who, rooms, search) of one session that are being answered:
// what it sends behind them is read when one of them is.
inline constexpr size_t kQuestionsAtOnceMax = 8;
// Direct answers waiting for one session; a session that asks without reading is closed beyond it.
inline constexpr size_t kOutboxBytesMax = 4 * kMiB;
// Bytes of one upload on their way to the disk; its connection is not read from beyond it.
inline constexpr size_t kSpoolWindowBytes = 1 * kMiB;
// What the file store holds in all: the longest unused files go first.
inline constexpr uint64_t kStoreBytesMax = 8 * kGiB;
// Cut uploads whose hashing can go on where it was; the bytes of others are hashed again first, a
// slice at a time, so that other uploads do not wait.
inline constexpr size_t kPartialDigestsMax = 256;
inline constexpr size_t kHashSliceBytes = 1 * kMiB;
// Ids of a user's latest private messages, by which one that is told again is known.
inline constexpr size_t kToldIdsMax = 64;
// Forgotten users (their session secrets and ids) that are kept for a reconnect.
inline constexpr size_t kAbsentUsersMax = 100'000;
// How long a nick is its user's after its last use, how many are kept of one user, and in all.
inline constexpr int64_t kNickLeaseMs = int64_t{30} * 24 * 60 * 60 * 1000;
inline constexpr size_t kNicksPerUserMax = 4;
inline constexpr size_t kNickLeasesMax = 100'000;
// Guests of one nick: ci, ci-2 and so on. A hundred jobs at once are many; each greeting looks
// through them.
inline constexpr unsigned kGuestsOfANickMax = 100;

// Entries that are forgotten at a time: chat waits for a few milliseconds.
inline constexpr size_t kForgottenAtOnceMax = 500;
// Of what an operator takes out: entries that are looked at, and those that are emptied in their
// places, each in a page of its own at worst, for which a full disk has a reserve.
inline constexpr size_t kPurgeLookedAtMax = 2000;
inline constexpr size_t kPurgedAtOnceMax = 100;

// ---- identities of a log

// An identity is random, so that it is no other's, and short, since every `joined` has it.
inline constexpr size_t kLogIdentityDigitsMin = 8;
inline constexpr size_t kLogIdentityDigitsMax = 32;
// What a client says of the identities under which it has read a log: each is one time that the log
// was restored or has lost its end, or the machine was started, while the client was away.
inline constexpr size_t kLogPlacesMax = 8;
// What a log remembers of the identities that it had: a start of the machine a day for three years.
inline constexpr size_t kLogIdentitiesKept = 1000;

// ---- who takes too much; of one address beyond this machine, or of one user

// A school behind one address; an attacker needs more than a few.
inline constexpr size_t kConnectionsPerAddressMax = 256;
// That school's first minute, and everyone's after a cut: ten seconds of it may be saved up.
inline constexpr double kConnectsPerSecond = 20;
// Faster than anybody types, and than a bot should; a text that is pasted has ten seconds' worth.
inline constexpr double kMessagesPerSecond = 50;
inline constexpr double kTextBytesPerSecond = 256 * kKiB;
// History, searches, lists: each may make the server read for some milliseconds.
inline constexpr double kRequestsPerSecond = 20;
// A client that comes back enters all its rooms at once.
inline constexpr double kJoinsPerMinute = 2 * kRoomsPerUserMax;
// Each is told to everybody in all rooms of the user.
inline constexpr double kNicksPerMinute = 12;
inline constexpr double kOffersPerMinute = 120;
// One user must not drive out everybody else's files within a day.
inline constexpr uint64_t kStoredBytesPerDay = kStoreBytesMax / 2;

// ---- who takes too much; of one address, with all its users

// What may be saved up of a rate by the second, in seconds of it: a text that is pasted, a client
// that comes back.
inline constexpr double kSavedSeconds = 10;
// Ten users as fast as one may be, or two hundred who talk: each says something every few seconds.
inline constexpr double kMessagesPerAddress = 10 * kMessagesPerSecond;
inline constexpr double kTextBytesPerAddress = 8 * kTextBytesPerSecond;
// Each is kept for ever, so that it can come back.
inline constexpr double kUsersPerHour = 1000;
// Whoever mistypes gets in; whoever guesses needs forty years for six random letters.
inline constexpr double kWrongPasswordsPerMinute = 10;
// Two hundred who come back at once, with two questions each.
inline constexpr size_t kRequestsPerAddressMax = 512;
// Rooms with a history stay, so that one address must not make all that there may be.
inline constexpr size_t kRoomsPerAddressMax = kRoomsMax / 10;
inline constexpr size_t kNicksPerAddressMax = kNickLeasesMax / 100;
// Two hundred who are behind, with half a MiB each, and some to spare.
inline constexpr size_t kMemoryPerAddressMax = 128 * kMiB;
// The same of everybody, where the machine has four times as much.
inline constexpr size_t kMemoryMax = 512 * kMiB;
// A day's files of one address may fill the store once.
inline constexpr uint64_t kStoredBytesPerAddress = kStoreBytesMax;
// Addresses that have a budget of their own: each costs some hundred bytes.
inline constexpr size_t kAddressesMax = 65'536;

// ---- time

inline constexpr int64_t kGreetingTimeoutMs = 10'000;  // to finish the first field
// From a frame's first byte to its last: the longest, at the speed of a modem of 1998, takes
// longer, but whoever is as slow can offer a file.
inline constexpr int64_t kFrameTimeoutMs = 60'000;
// From one part of an upload to the next: a client that sleeps begins it again where it was.
inline constexpr int64_t kUploadTimeoutMs = 120'000;
// A peer that is gone without a word is shown as present for no longer than this. Half of it is for
// its machine to acknowledge what was sent: longer than a network takes to come back.
inline constexpr int64_t kDeadAfterMs = 120'000;
// For a connection that is being ended to take what is left and end its own side.
inline constexpr int64_t kDrainTimeoutMs = 5'000;
// A cut upload that nobody has taken up for so long is not waited for.
inline constexpr int64_t kPartialKeptMs = 7LL * 24 * 3600 * 1000;
inline constexpr int64_t kGraceMs = 5'000;  // the default of --grace

}  // namespace netchat::limits
