// Files that are not what they are said to be, or not for whom they are meant.

#include <sys/resource.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "harness/hostile/attack.h"
#include "harness/hostile/expectation_failed.h"
#include "harness/hostile/peers.h"
#include "modes/client/sha256.h"

namespace netchat::harness::hostile {

namespace {

std::string sha256Of(std::string_view bytes) {
    client::Sha256 digest;
    digest.update(bytes);
    return digest.hex();
}

// Of their own for each run, so that the server cannot have them.
std::string newBytes(Target& target, size_t size) {
    std::string out = target.newName("file");
    Rng chance = target.chance(out);
    while (out.size() < size) out += static_cast<char>(chance.next());
    return out;
}

uint64_t offer(V2Peer& peer, const std::string& room, const std::string& id, uint64_t size,
               const std::string& sha256) {
    peer.send(v2::Offer{.room = room, .id = id, .name = "x", .size = size, .sha256 = sha256});
    return peer.until(v2::Accept::kVerb).number("transfer");
}

void enterRoom(V2Peer& peer, const std::string& room) {
    peer.enter();
    peer.join(room);
}

void foreignTransfer(Target& target) {
    const std::string room = target.newName("den"), bytes = newBytes(target, 1000);
    V2Peer owner(target), thief(target);
    enterRoom(owner, room);
    enterRoom(thief, room);
    const uint64_t transfer = offer(owner, room, "1", bytes.size(), sha256Of(bytes));
    for (uint64_t other = 0; other <= transfer + 3; ++other) {
        thief.send(v2::Data{.transfer = other, .off = 0, .bytes = "poison"});
        thief.refused("no-such-transfer");
    }
    owner.send(v2::Data{.transfer = transfer, .off = 0, .bytes = bytes});
    require(thief.until(v2::File::kVerb).label("sha256") == sha256Of(bytes), "another file came");
}

void wrongHash(Target& target) {
    const std::string room = target.newName("den"), bytes = newBytes(target, 5000);
    V2Peer peer(target), witness(target);
    enterRoom(peer, room);
    enterRoom(witness, room);
    const std::string sha256 = sha256Of(bytes + "!");
    const uint64_t transfer = offer(peer, room, "1", bytes.size(), sha256);
    peer.send(v2::Data{.transfer = transfer, .off = 0, .bytes = bytes});
    peer.refused("bad-hash");
    peer.send(v2::Get{.sha256 = sha256});
    peer.refused("no-such-file");
    peer.send(v2::Say{.room = room, .id = "2", .text = "after"});
    require(witness.until(v2::Msg::kVerb).number("seq") == 1, "the file was announced");
}

void lyingSize(Target& target) {
    const std::string room = target.newName("den"), bytes = newBytes(target, 5000);
    V2Peer peer(target);
    enterRoom(peer, room);
    const uint64_t more = offer(peer, room, "1", bytes.size() - 1, sha256Of(bytes));
    peer.send(v2::Data{.transfer = more, .off = 0, .bytes = bytes});
    peer.refused("bad-offset");
    const uint64_t less = offer(peer, room, "2", bytes.size() + 1, sha256Of(bytes));
    peer.send(v2::Data{.transfer = less, .off = 0, .bytes = bytes});
    peer.send(v2::Get{.sha256 = sha256Of(bytes)});
    peer.refused("no-such-file");
    peer.lives();
}

void offsets(Target& target) {
    const std::string room = target.newName("den"), bytes = newBytes(target, 5000);
    V2Peer peer(target);
    enterRoom(peer, room);
    for (const uint64_t off : {uint64_t{1}, uint64_t{1} << 63, UINT64_MAX, UINT64_MAX - 4}) {
        const uint64_t transfer =
            offer(peer, room, "at" + std::to_string(off), bytes.size(), sha256Of(bytes));
        peer.send(v2::Data{.transfer = transfer, .off = off, .bytes = bytes});
        peer.refused("bad-offset");
    }
    const uint64_t transfer = offer(peer, room, "good", bytes.size(), sha256Of(bytes));
    peer.send(v2::Data{.transfer = transfer, .off = 0, .bytes = bytes});
    peer.until(v2::File::kVerb);
    peer.send(v2::Get{.sha256 = sha256Of(bytes), .at = UINT64_MAX});
    peer.refused("bad-offset");
    peer.send(v2::Get{.sha256 = sha256Of(bytes), .at = 4000, .len = UINT64_MAX});
    require(peer.until(v2::Data::kVerb).body() == bytes.substr(4000), "another part came");
}

void fileBomb(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    const Heard welcome = peer.enter();
    peer.join(room);
    const std::string sha256(64, 'b');
    for (const uint64_t size :
         {welcome.number("file-max") + 1, uint64_t{1} << 62, UINT64_MAX - 1, UINT64_MAX}) {
        peer.send(v2::Offer{.room = room, .id = "1", .name = "x", .size = size, .sha256 = sha256});
        peer.refused("too-large");
    }
    peer.lives();
}

void tooManyUploads(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    enterRoom(peer, room);
    for (size_t i = 0; i < limits::kTransfersPerSessionMax; ++i) {
        offer(peer, room, std::to_string(i), 100, sha256Of(newBytes(target, 100)));
    }
    const std::string sha256 = sha256Of(newBytes(target, 100));
    peer.send(v2::Offer{.room = room, .id = "more", .name = "x", .size = 100, .sha256 = sha256});
    peer.refused("too-many");
    peer.lives();
}

void badHashes(Target& target) {
    const std::string room = target.newName("den");
    V2Peer peer(target);
    enterRoom(peer, room);
    for (const std::string& sha256 :
         {std::string(), std::string(64, 'A'), std::string(63, 'a'), std::string(65, 'a'),
          std::string("../../../../../../../../../../../../../../../../../../../etc/passwd"),
          std::string(64, '.'), std::string(64, 'a').replace(3, 1, "/")}) {
        peer.send(v2::Offer{.room = room, .id = "1", .name = "x", .size = 4, .sha256 = sha256});
        peer.refused("bad-hash");
        peer.send(v2::Get{.sha256 = sha256});
        peer.refused("bad-hash");
    }
    peer.lives();
}

// What a store holds on the disk.
uint64_t bytesBelow(const std::filesystem::path& folder) {
    uint64_t sum = 0;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, none)) {
        if (entry.is_regular_file(none)) sum += entry.file_size(none);
    }
    return sum;
}

void overTheQuota(Target& target) {
    constexpr uint64_t kStoreBytes = 2 * limits::kMiB;
    constexpr size_t kFileBytes = 512 * limits::kKiB;
    const OtherServer other =
        target.another({"--store-size", "2MiB", "--max-file", "1MiB", "--durability", "memory"});
    V2Peer peer(target, RawConnection(other.address, target.patienceMs()));
    enterRoom(peer, "den");
    for (int i = 0; i < 16; ++i) {
        const std::string bytes = newBytes(target, kFileBytes);
        const uint64_t transfer =
            offer(peer, "den", std::to_string(i), bytes.size(), sha256Of(bytes));
        peer.send(v2::Data{.transfer = transfer, .off = 0, .bytes = bytes});
        peer.until(v2::File::kVerb);
        const uint64_t held = bytesBelow(other.folder->path() / "data" / "files");
        require(held <= kStoreBytes + kFileBytes, "the store holds " + std::to_string(held) +
                                                      " bytes of " + std::to_string(kStoreBytes));
    }
    peer.lives();
}

// A disk that takes no more, as a process sees it: writing beyond so many bytes of a file fails.
void diskFull(Target& target) {
    constexpr rlim_t kMost = 256 * limits::kKiB;
    const OtherServer other = target.another({"--durability", "memory"});
    const std::string bytes = newBytes(target, 600 * limits::kKiB);
    V2Peer peer(target, RawConnection(other.address, target.patienceMs()));
    enterRoom(peer, "den");
    rlimit before{};
    require(prlimit(other.child->pid(), RLIMIT_FSIZE, nullptr, &before) == 0, "no limits here");
    const rlimit small{kMost, before.rlim_max};
    prlimit(other.child->pid(), RLIMIT_FSIZE, &small, nullptr);
    const uint64_t transfer = offer(peer, "den", "1", bytes.size(), sha256Of(bytes));
    peer.send(v2::Data{.transfer = transfer, .off = 0, .bytes = bytes});
    peer.refused("no-room");
    peer.lives();
    prlimit(other.child->pid(), RLIMIT_FSIZE, &before, nullptr);
    const uint64_t again = offer(peer, "den", "2", bytes.size(), sha256Of(bytes));
    peer.send(v2::Data{.transfer = again, .off = 0, .bytes = bytes});
    peer.until(v2::File::kVerb);
}

void abandoned(Target& target) {
    const std::string room = target.newName("den");
    for (int i = 0; i < 20; ++i) {
        V2Peer peer(target);
        enterRoom(peer, room);
        const std::string bytes = newBytes(target, 5000);
        const uint64_t transfer = offer(peer, room, "1", 100'000, sha256Of(bytes));
        peer.send(v2::Data{.transfer = transfer, .off = 0, .bytes = bytes});
        if (i % 2 == 0) peer.connection().reset();
    }
}

// A small server that is filled to three quarters, each of whose files may be a quarter of it.
class FilledServer {
  public:
    static constexpr uint64_t kFileBytes = 2 * limits::kMiB;

    explicit FilledServer(Target& target)
        : target_(target),
          server_(target.another({"--store-size", "8MiB", "--max-file", "2MiB", "--rate-limit",
                                  "on", "--durability", "memory"})),
          keeper_(target, connection()) {
        enterRoom(keeper_, "lobby");
        for (int i = 0; i < 3; ++i) {
            files_.push_back(newBytes(target, kFileBytes - 100));
            take(files_.back());
        }
    }

    RawConnection connection() const { return {server_.address, target_.patienceMs()}; }

    // Everybody's files are there, and a small one is taken.
    void isAsBefore() {
        for (const std::string& bytes : files_) {
            keeper_.send(v2::Get{.sha256 = sha256Of(bytes), .at = bytes.size() - 5});
            require(keeper_.until(v2::Data::kVerb).body() == bytes.substr(bytes.size() - 5),
                    "another file came");
        }
        take(newBytes(target_, 5).substr(0, 5));
    }

  private:
    void take(const std::string& bytes) {
        const uint64_t transfer =
            offer(keeper_, "lobby", std::to_string(++lastId_), bytes.size(), sha256Of(bytes));
        for (size_t at = 0; at < bytes.size(); at += limits::kPieceBytes) {
            keeper_.send(
                v2::Data{.transfer = transfer,
                         .off = at,
                         .bytes = std::string_view(bytes).substr(at, limits::kPieceBytes)});
        }
        keeper_.until(v2::File::kVerb);
    }

    Target& target_;
    OtherServer server_;
    V2Peer keeper_;
    std::vector<std::string> files_;
    int lastId_ = 0;
};

void announcedOnly(Target& target) {
    FilledServer filled(target);
    V2Peer one(target, filled.connection()), other(target, filled.connection());
    for (V2Peer* peer : {&one, &other}) {
        enterRoom(*peer, "lobby");
        for (int i = 0; i < 2; ++i) {
            peer->send(v2::Offer{.room = "lobby",
                                 .id = std::to_string(i),
                                 .name = "x",
                                 .size = FilledServer::kFileBytes,
                                 .sha256 = sha256Of(newBytes(target, 10))});
        }
        // Each is answered, whatever the answer is.
        for (int answered = 0; answered < 2;) {
            const std::string verb = peer->next().verb();
            answered += verb == v2::Accept::kVerb || verb == v2::Failure::kVerb;
        }
    }
    filled.isAsBefore();
}

void announcedOnlyClassic(Target& target) {
    FilledServer filled(target);
    std::vector<std::unique_ptr<RawConnection>> attackers;
    for (int i = 0; i < 4; ++i) {
        attackers.push_back(std::make_unique<RawConnection>(filled.connection()));
        std::string bytes;
        appendField(bytes, limits::kHeaderWidth, target.newName());
        appendField(bytes, limits::kHeaderWidth, "big.bin%");
        appendHeader(bytes, limits::kHeaderWidth, FilledServer::kFileBytes);
        require(attackers.back()->send(bytes), "it takes no header");
    }
    filled.isAsBefore();
}

}  // namespace

std::vector<Attack> transferAttacks() {
    constexpr auto kKind = Kind::Transfers;
    constexpr auto kV2 = Dialect::V2;
    constexpr auto kOurs = Against::Ours;
    return {
        {kKind, 501, "foreign-transfer", kV2, kOurs, "data for somebody else's upload",
         "no-such-transfer; the owner's file arrives whole", foreignTransfer},
        {kKind, 502, "wrong-hash", kV2, kOurs, "bytes with another SHA-256 than offered",
         "bad-hash; announce nothing, keep nothing", wrongHash},
        {kKind, 503, "lying-size", kV2, kOurs, "more bytes than offered, and fewer",
         "bad-offset; announce neither", lyingSize},
        {kKind, 504, "offsets", kV2, kOurs, "chunks and requests at 1, 2^63 and 2^64 - 1",
         "bad-offset; serve who is right", offsets},
        {kKind, 505, "file-bomb", kV2, kOurs, "offers of one byte too many up to 2^64 - 1",
         "too-large, goes on", fileBomb},
        {kKind, 506, "too-many-uploads", kV2, kOurs, "more uploads at a time than there may be",
         "too-many, goes on", tooManyUploads},
        {kKind, 507, "bad-hashes", kV2, kOurs, "SHA-256 that are none, or paths",
         "bad-hash, goes on", badHashes},
        {kKind, 508, "over-the-quota", kV2, Against::Child, "four times what the store may hold",
         "hold no more than it may", overTheQuota},
        {kKind, 509, "disk-full", kV2, Against::Child, "a file, while the disk takes no more of it",
         "no-room, goes on; take it when there is room again", diskFull},
        {kKind, 510, "abandoned", kV2, kOurs, "20 uploads whose senders are gone in the middle",
         "forget their connections", abandoned},
        {kKind, 511, "announced-only", kV2, Against::Child,
         "offers of as much as the store holds, and none of the bytes",
         "keep everybody's files; take small ones", announcedOnly},
        {kKind, 512, "announced-only-classic", Dialect::Classic, Against::Child,
         "headers of as much as the store holds, and none of the bytes",
         "keep everybody's files; take small ones", announcedOnlyClassic},
    };
}

}  // namespace netchat::harness::hostile
