// Files that something damages behind the server's back, while it runs and while it does not: what
// is wrong is never passed off as right, and whoever drops the file in again mends it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <vector>

#include "tests/support/classic_client.h"
#include "tests/support/disk_tick.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

constexpr size_t kChunkBytes = 64 * 1024;

std::string sha256Of(std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[digest[i] >> 4];
        hex += "0123456789abcdef"[digest[i] & 15];
    }
    return hex;
}

struct Damage {
    const char* name;
    std::function<void(const std::filesystem::path&)> apply;
};

const std::vector<Damage>& damages() {
    namespace fs = std::filesystem;
    static const std::vector<Damage> all{
        {"shorter", [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }},
        {"emptied", [](const fs::path& file) { fs::resize_file(file, 0); }},
        {"longer", [](const fs::path& file) { std::ofstream(file, std::ios::app) << "more"; }},
        {"deleted", [](const fs::path& file) { fs::remove(file); }},
        {"flipped",
         [](const fs::path& file) {
             std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
             stream.seekp(static_cast<std::streamoff>(fs::file_size(file) / 3));
             stream.put('~');
         }},
    };
    return all;
}

class DamagedFiles : public ::testing::TestWithParam<size_t> {
  protected:
    void start() {
        server_.emplace(std::vector<std::string>{"--data", (folder_ / "data").string()});
    }
    void stop(int signal) {
        server_->process().signal(signal);
        server_->process().waitForExit();
        server_.reset();
    }
    std::filesystem::path fileOf(const std::string& bytes) const {
        return folder_ / "data" / "files" / sha256Of(bytes);
    }
    void damage(const std::filesystem::path& file) const {
        waitForDiskTick(folder_.path());
        damages()[GetParam()].apply(file);
    }
    // Nicks are kept for those who had them.
    V2ByHand newPeer() { return {server_->port(), "peer-" + std::to_string(++lastPeer_)}; }
    // Drops it in; where the server asked for it from.
    std::string drop(V2ByHand& peer, const std::string& bytes) {
        const std::string id = std::to_string(++lastId_);
        peer.send("offer", "room:lobby\tid:" + id + "\tname:f.bin\tsize:" +
                               std::to_string(bytes.size()) + "\tsha256:" + sha256Of(bytes));
        const auto accept = peer.readUntil("accept");
        for (size_t at = std::stoul(accept["at"]); at < bytes.size(); at += kChunkBytes) {
            peer.send("data", "transfer:" + accept["transfer"] + "\toff:" + std::to_string(at),
                      std::string_view(bytes).substr(at, kChunkBytes));
        }
        EXPECT_EQ(peer.readUntil("file")["id"], id);
        return accept["at"];
    }
    // What comes of it: the bytes, or the code of the error that ends them.
    std::string fetch(V2ByHand& peer, const std::string& bytes) {
        peer.send("get", "sha256:" + sha256Of(bytes));
        for (std::string came;;) {
            const auto frame = peer.read();
            if (frame.verb == "error") return frame["code"];
            if (frame.verb != "data") continue;
            came += frame.body;
            if (came.size() >= bytes.size()) return came;
        }
    }
    // Nothing wrong is taken for right: an error, or bytes that the receiver sees are others and
    // makes the server look.
    void failsLoudly(V2ByHand& peer, const std::string& bytes) {
        const std::string came = fetch(peer, bytes);
        if (came == "no-such-file") return;
        EXPECT_NE(came, bytes);
        peer.send("verify", "sha256:" + sha256Of(bytes));
        const auto answer = peer.readUntil("error");
        EXPECT_EQ(answer["re"], "verify");
        EXPECT_EQ(answer["code"], "no-such-file");
        EXPECT_EQ(fetch(peer, bytes), "no-such-file");
    }
    void isMended(const std::string& bytes) {
        V2ByHand alice = newPeer(), bob = newPeer();
        EXPECT_EQ(drop(alice, bytes), "0") << "it is taken up anew";
        EXPECT_EQ(fetch(bob, bytes), bytes);
    }

    TempFolder folder_;
    std::optional<ServerProcess> server_;
    int lastId_ = 0, lastPeer_ = 0;
    const std::string large_ = std::string(3'000'000, 'x') + "large";
};

TEST_P(DamagedFiles, WhileTheServerRuns) {
    start();
    for (const std::string& bytes : {std::string("a small file"), large_}) {
        V2ByHand alice = newPeer(), bob = newPeer();
        EXPECT_EQ(drop(alice, bytes), "0");
        damage(fileOf(bytes));
        failsLoudly(bob, bytes);
        server_->process().waitForErrorLine("the stored file " + sha256Of(bytes) + " is damaged");
        isMended(bytes);
    }
}

TEST_P(DamagedFiles, TheUploaderMendsWhatNobodyHasFetched) {
    start();
    V2ByHand alice = newPeer();
    EXPECT_EQ(drop(alice, large_), "0");
    EXPECT_EQ(drop(alice, large_), std::to_string(large_.size())) << "it is there";
    damage(fileOf(large_));
    isMended(large_);
}

TEST_P(DamagedFiles, OverARestart) {
    for (const int signal : {SIGTERM, SIGKILL}) {
        start();
        const std::string bytes = large_ + std::to_string(signal);
        {
            V2ByHand alice = newPeer();
            EXPECT_EQ(drop(alice, bytes), "0");
        }
        stop(signal);
        damage(fileOf(bytes));
        start();
        {
            V2ByHand bob = newPeer();
            failsLoudly(bob, bytes);
        }
        isMended(bytes);
        stop(SIGKILL);
    }
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedFiles, ::testing::Range(size_t{0}, damages().size()),
                         [](const auto& damage) { return damages()[damage.param].name; });

TEST(Files, AKillLosesNeitherOfTwoUploadsOfOneContent) {
    TempFolder folder;
    const std::string bytes(2'000'000, 'z');
    const std::string labels = "room:lobby\tid:1\tname:f\tsize:" + std::to_string(bytes.size()) +
                               "\tsha256:" + sha256Of(bytes);
    const std::vector<std::string> options{"--data", (folder / "data").string()};
    {
        ServerProcess server(options);
        V2ByHand first(server.port(), "alice"), second(server.port(), "bob");
        first.send("offer", labels);
        first.readUntil("accept");
        second.send("offer", labels);
        const auto accept = second.readUntil("accept");
        for (size_t at = 0; at < 1'000'000; at += 50'000) {
            second.send("data", "transfer:" + accept["transfer"] + "\toff:" + std::to_string(at),
                        std::string_view(bytes).substr(at, 50'000));
        }
        while (std::stoul(second.readUntil("stored")["off"]) < 900'000) {
        }
        server.process().signal(SIGKILL);
        server.process().waitForExit();
    }
    ServerProcess server(options);
    V2ByHand again(server.port(), "carol");
    again.send("offer", labels);
    EXPECT_GE(std::stoul(again.readUntil("accept")["at"]), 900'000u);
}

TEST(Files, UploadsGoOnWhenATemporaryFolderIsCleaned) {
    TempFolder temporary;
    Process server({{"serve", "--port", "0", "--data", "none"},
                    {{"TMPDIR", temporary.path().string()}},
                    {},
                    {}});
    const std::string line = server.waitForLine("netchat listening on ");
    const auto port = static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
    V2ByHand alice(port, "alice"), bob(port, "bob");
    const auto drop = [&](const std::string& id, const std::string& bytes) {
        alice.send("offer", "room:lobby\tid:" + id + "\tname:f\tsize:" +
                                std::to_string(bytes.size()) + "\tsha256:" + sha256Of(bytes));
        alice.send("data", "transfer:" + alice.readUntil("accept")["transfer"] + "\toff:0", bytes);
        EXPECT_EQ(alice.readUntil("file")["id"], id);
    };
    drop("1", "before");
    for (const auto& entry : std::filesystem::directory_iterator(temporary.path())) {
        std::filesystem::remove_all(entry.path());
    }
    bob.send("get", "sha256:" + sha256Of("before"));
    EXPECT_EQ(bob.readUntil("error")["code"], "no-such-file");
    drop("2", "after");
    bob.send("get", "sha256:" + sha256Of("after"));
    EXPECT_EQ(bob.readUntil("data").body, "after");
}

TEST(Files, AClassicReceiverIsCutOffInTheMiddleOfAFileThatIsDamaged) {
    TempFolder folder;
    ServerProcess server({"--data", (folder / "data").string()});
    const std::string bytes(30'000'000, 'c');
    V2ByHand watcher(server.port(), "watcher");
    ClassicClient bob(server.port(), "bob");
    while (watcher.readUntil("presence")["nick"] != "bob") {
    }
    ClassicClient alice(server.port(), "alice");
    alice.sendFile("big.bin", bytes);
    // bob reads no further than to what announces it: the rest waits for him, in the file.
    EXPECT_EQ(bob.socket().readField(), "alice");
    EXPECT_EQ(bob.socket().readField(), "big.bin%");
    std::filesystem::resize_file(folder / "data" / "files" / sha256Of(bytes), 1000);
    EXPECT_ANY_THROW((void)bob.socket().readField()) << "fewer bytes than promised, and the end";
    server.process().waitForErrorLine("disconnected, because a stored file is unreadable");
}

}  // namespace
}  // namespace netchat::test
