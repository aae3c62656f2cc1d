// What a client keeps on its disk, as somebody may have left it there: its state, the servers that
// it knows, and files that came under any name. The first line of an input says which.

#include <filesystem>

#include "modes/client/incoming_file.h"
#include "modes/client/state_file.h"
#include "modes/client/trust.h"
#include "tests/fuzz/harmless.h"
#include "tests/support/temp_folder.h"

namespace netchat::fuzz {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;

const net::HostPort kServer{"chat.example.org", 6121};

// What it understands it goes on from; what it does not is left as it is.
void stateHolds(std::string_view bytes) {
    const TempFolder folder;
    std::string name;
    {
        auto fresh = client::StateFile::open(folder.path(), kServer, "alice");
        HOLDS(fresh && !fresh->resume());
        client::Resume state;
        state.secret = "s", state.user = 7, state.nick = "alice";
        fresh->follow(client::event::Connected{}, state);
        HOLDS(fresh->save());
        for (const auto& entry : fs::directory_iterator(folder.path())) {
            if (entry.path().extension() == ".state") name = entry.path().filename();
        }
        HOLDS(!name.empty());
    }
    folder.write(name, bytes);
    client::Resume first;
    {
        auto found = client::StateFile::open(folder.path(), kServer, "alice");
        if (!found) {
            isSafeToShow(found.error().text);
            SAME(folder.read(name), bytes);
            return;
        }
        HOLDS(found->resume());
        first = *found->resume();
        HOLDS(!first.secret.empty());
        found->seen("lobby", 42);
        HOLDS(found->save());
    }
    const auto again = client::StateFile::open(folder.path(), kServer, "alice");
    HOLDS(again && again->resume());
    const client::Resume& second = *again->resume();
    SAME(second.secret, first.secret);
    SAME(second.nick, first.nick);
    HOLDS(second.lastId > first.lastId);
    bool sawLobby = false;
    for (const auto& room : second.rooms) sawLobby |= room.name == "lobby" && room.last == 42;
    HOLDS(sawLobby);
}

// A server that is not the one that it was is refused; a new one is known from then on.
void trustHolds(std::string_view bytes) {
    const TempFolder folder;
    client::Trust trust;
    trust.knownServers = folder.write("known_servers", bytes);
    trust.tell = [](const std::string& notice) { isSafeToShow(notice); };
    net::PeerIdentity one{.fingerprint = "sha256:" + std::string(64, 'a')};
    net::PeerIdentity other{.fingerprint = "sha256:" + std::string(64, 'b')};
    const auto met = client::checkServer(trust, kServer, one);
    const auto then = client::checkServer(trust, kServer, other);
    HOLDS(!(met && then));
    if (met) HOLDS(client::checkServer(trust, kServer, one));
    if (!met) {
        HOLDS(met.error().code == ErrorCode::Untrusted);
        isSafeToShow(met.error().text);
        SAME(folder.read("known_servers"), bytes);
    }
    HOLDS(folder.read("known_servers").starts_with(bytes));
}

// Whatever it is called, it comes into the folder, beside what is there, and nothing else changes.
void fileHolds(std::string_view name) {
    const TempFolder folder;
    folder.write("photo.jpg", "mine");
    const client::DownloadsFolder downloads{folder / "downloads", false};
    fs::create_directory(downloads.path);
    for (int i = 0; i < 2; ++i) {
        auto file = client::IncomingFile::create(downloads, name, 4);
        HOLDS(file);
        HOLDS((*file)->write("ab") && (*file)->write("cd"));
        HOLDS(!(*file)->write("e") || i < 0);
        const auto placed = (*file)->place();
        if (!placed) continue;
        HOLDS(fs::path(placed->path).parent_path() == downloads.path);
        HOLDS(fs::is_regular_file(fs::symlink_status(placed->path)));
    }
    HOLDS(folder.count() == 2);
    HOLDS(folder.read("photo.jpg") == "mine");
    for (const auto& entry : fs::directory_iterator(downloads.path)) {
        isSafeToShow(entry.path().filename().native());
        HOLDS(entry.is_regular_file() && entry.file_size() == 4);
        HOLDS(entry.path().filename().native().front() != '.');
    }
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    Choices choices(textOf(data, size));
    const auto what = choices.line();
    const auto bytes = choices.rest();
    if (what == "state") stateHolds("netchat-client\tversion:1\n" + std::string(bytes));
    if (what == "servers") trustHolds(bytes);
    if (what == "file") fileHolds(bytes);
    return 0;
}
