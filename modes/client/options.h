#pragma once

// How a client is set up (client.h), and what is said of an upload.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/client/event.h"
#include "modes/client/reconnect.h"
#include "modes/client/resume.h"
#include "modes/client/trust.h"
#include "modes/net/address.h"
#include "protocol/limits.h"

namespace netchat::client {

struct Options {
    net::HostPort server;
    std::string nick;
    bool classic = false;
    std::shared_ptr<const Trust> trust;         // null: plain, readable by all between
    std::string password;                       // v2: of the server; empty: none is said
    size_t headerWidth = limits::kHeaderWidth;  // classic only; v2's is fixed
    std::string encoding = "utf-8";             // classic only
    // Where files go; empty: none is received, asked for or not.
    std::filesystem::path downloads = ".";
    // Announced files up to this size are fetched by themselves, larger ones by get(), and so many
    // in all, of one sender a quarter (fetch_budget.h); UINT64_MAX: no bound in all.
    uint64_t autoDownloadBytes = limits::kAutoDownloadBytes;
    uint64_t autoDownloadTotalBytes = UINT64_MAX;
    // v2: which of them are fetched, whatever their size; empty: as the sizes say.
    std::function<bool(const event::File& file)> wants;
    // A classic server sends files unasked: one above this is read past and reported as failed.
    uint64_t fileBytesMax = limits::kFileBytesMax;
    // Verified files are removed again (their event says path ""): for tests of delivery.
    bool discardDownloads = false;
    // Tells also entries of a room's log that were told before, are out of order or are of a room
    // that is not joined, which a client otherwise passes over: for judging a server.
    bool everyEntry = false;
    int64_t connectTimeoutMs = 10'000;
    // Whether a lost connection is made again without being asked: Reconnecting is told then, in
    // place of Disconnected, which remains the end.
    ReconnectOptions reconnect;
    // v2: when nothing came for so long, the server is asked for a sign of life; when none comes
    // within the other, the connection counts as lost. 0: never.
    int64_t quietMs = 15'000;
    int64_t signOfLifeMs = 10'000;
    // v2: goes on as the user of an earlier client. What is to be said again goes out when the
    // rooms that it was said in are joined: join them before start(). The files that had not come
    // are told as File once it is connected, and fetched.
    std::optional<Resume> resume;
    // v2: nobody keeps the nick for this user, who cannot keep the secret of it.
    bool guest = false;
    // "sha256:…" of the server, as far as it is known before it was asked; it is what state files
    // are found by.
    std::string serverFingerprint;
    // Where the same server was met, for files that earlier versions have kept by that.
    std::vector<net::HostPort> formerAddresses;
};

// What a file is called where it arrives, if not by its own name.
struct UploadAs {
    std::string name = {};
    std::string folder = {};  // relative, passes checkFolder(); v2 only
};

}  // namespace netchat::client
