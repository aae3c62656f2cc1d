#pragma once

// Uploads and Downloads against a port that records what they ask of the session.

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/client/downloads.h"
#include "modes/client/real_host.h"
#include "modes/client/sha256.h"
#include "modes/client/source_file.h"
#include "modes/client/transfer_port.h"
#include "modes/client/uploads.h"
#include "modes/net/event_loop.h"
#include "tests/client/recorder.h"
#include "tests/support/temp_folder.h"

namespace netchat::client::fixtures {

class Port : public TransferPort {
  public:
    bool open() const override { return isOpen; }
    bool mayOffer(std::string_view) const override { return isOpen && roomReady; }
    uint64_t chunkBytesMax() const override { return chunk; }
    uint64_t windowBytes() const override { return window; }
    void offer(const v2::Offer& offer) override {
        calls.push_back("offer " + std::string(offer.room) + " " + std::string(offer.id) + " " +
                        std::string(offer.name) + " " + std::to_string(offer.size));
        hash = offer.sha256;
        folder = offer.folder;
        mtime = offer.mtime;
    }
    void sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes) override {
        calls.push_back("data " + std::to_string(transfer) + " " + std::to_string(off) + " " +
                        std::string(bytes));
    }
    void cancelUpload(uint64_t transfer) override {
        calls.push_back("cancel " + std::to_string(transfer));
    }
    void get(std::string_view, uint64_t at, uint64_t size) override {
        calls.push_back("get " + std::to_string(at) + "+" + std::to_string(size));
    }
    void cancelDownload(std::string_view) override { calls.push_back("cancel"); }
    void verify(std::string_view) override { calls.push_back("verify"); }

    std::vector<std::string> take() { return std::exchange(calls, {}); }

    bool isOpen = true, roomReady = true;
    uint64_t chunk = 4, window = 1 * limits::kMiB;
    std::vector<std::string> calls;
    std::string hash, folder;  // of the last offer
    std::optional<int64_t> mtime = {};
};

inline std::string hashOf(std::string_view bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.hex();
}

class UploadsTest : public ::testing::Test {
  protected:
    void add(const std::string& id, const std::string& name, std::string_view bytes) {
        auto file = SourceFile::open(folder.write(name, bytes));
        ASSERT_TRUE(file) << file.error().text;
        uploads.add(id, "lobby", name, std::move(*file));
    }
    void prepareAll() {
        while (uploads.prepare()) {
        }
    }
    void produceAll() {
        while (uploads.produce()) {
        }
    }
    test::TempFolder folder;
    Port port;
    Recorder recorder;
    Uploads uploads{port, recorder};
};

class DownloadsTest : public ::testing::Test {
  protected:
    void want(std::string_view bytes, std::string_view name = "a.txt") {
        hash = hashOf(bytes);
        downloads.want(event::File{
            .room = "lobby", .from = "bob", .name = name, .sha256 = hash, .size = bytes.size()});
        downloads.advance();
    }
    test::TempFolder folder;
    Port port;
    Recorder recorder;
    net::EventLoop loop;
    RealHost host{loop, {folder.path()}};
    Downloads downloads{port, recorder, host};
    std::string hash;
};

}  // namespace netchat::client::fixtures
