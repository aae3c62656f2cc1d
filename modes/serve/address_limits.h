#pragma once

// The defaults of what one address may take, each with its reason. (protocol/limits.h has those of
// one user and of the server.)

#include "protocol/limits.h"

namespace netchat::limits {

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

}  // namespace netchat::limits
