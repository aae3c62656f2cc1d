#pragma once

// A session's files on their way into the store: bytes in as they arrive, collected into writes,
// never more than limits::kSpoolWindowBytes ahead of the disk.
//
//     session --add()--> buffer --(write)--> store's thread --(answer)--> loop --> answered()
//
// Pure but for the store; the session's loop only.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "modes/serve/base/ids.h"
#include "modes/store/file_store.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::serve {

struct Upload {
    enum class State {
        Beginning,  // the store has not said yet whether it takes the file
        Receiving,  // bytes are due
        Finishing,  // all bytes are there; the store verifies them
    };
    State state = State::Beginning;
    uint64_t number = 0;  // the transfer's, in v2
    std::string room, id, name;
    std::string sha256;  // as announced; empty when the dialect does not say
    uint64_t size = 0;
    uint64_t received = 0;  // what an earlier, cut upload left included
    store::FileStore::Owner owner = 0;
    int64_t partMs = 0;  // when its latest part came
    store::FileStore::UploadId storeId = 0;
    std::string buffer;
    size_t unwritten = 0;  // bytes with the store that it has not written yet
};

class UploadOwner {
  public:
    // The bytes from upload.received on are due.
    virtual void uploadAccepted(const Upload& upload) = 0;
    // Its first `stored` bytes are written.
    virtual void uploadStored(const Upload& /*upload*/, uint64_t /*stored*/) {}
    // All bytes are in the store, under `sha256`.
    virtual void uploadDone(const Upload& upload, const std::string& sha256) = 0;
    virtual void uploadFailed(const Upload& upload, const Error& error) = 0;

  protected:
    ~UploadOwner() = default;
};

// What the store said, on its way back to the loop.
struct StoreAnswer {
    enum class Kind { Begun, Written, Finished };
    Kind kind;
    uint64_t upload;             // its number
    Result<std::string> result;  // Finished: the SHA-256
    uint64_t bytes = 0;          // Begun: there already; Written: how many
};

class Uploads {
  public:
    // Small pieces are collected: a write to the store costs a wake-up of its thread.
    static constexpr size_t kWriteBytes = 128 * limits::kKiB;

    // Runs on a thread of the store; must get the answer to answered() on the loop.
    using Deliver = std::function<void(StoreAnswer)>;

    Uploads(store::FileStore& store, UploadOwner& owner, Deliver deliver,
            size_t writeBytes = kWriteBytes)
        : store_(store), owner_(owner), deliver_(std::move(deliver)), writeBytes_(writeBytes) {}
    ~Uploads();  // suspends what is not finished

    // Sets number and state; uploadAccepted() or uploadFailed() follows.
    Upload& begin(Upload upload);
    Upload* find(uint64_t number);
    // The next bytes; they may come before the upload is accepted. At upload.size the store
    // verifies; uploadDone() or uploadFailed() follows.
    void add(Upload& upload, std::string_view bytes);
    void cancel(uint64_t number);
    // When the latest part came of the one that has waited longest for bytes; some is receiving().
    int64_t oldestPartMs() const;
    // All are as if a part had come.
    void excuse(int64_t nowMs);
    // Ends those that bytes are due for since `partMs` or longer, as if they were cut; returns what
    // they were.
    std::vector<Upload> cutReceiving(int64_t partMs);
    void answered(const StoreAnswer& answer);

    size_t count() const { return uploads_.size(); }
    // Those that need nothing more from the client.
    bool finishing() const;
    // Bytes are due from the client.
    bool receiving() const;
    // The disk is behind: the connection should not be read for now. `tight`: others need the
    // memory, so that each has no more on its way than one write.
    bool full(bool tight) const;
    // Bytes that are not on the disk yet.
    size_t heldBytes() const;

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    void began(Upload& upload, uint64_t at);
    void write(Upload& upload);
    void finish(Upload& upload);
    std::string faultOf(uint64_t number, const Upload& upload) const;

    store::FileStore& store_;
    UploadOwner& owner_;
    Deliver deliver_;
    size_t writeBytes_;
    uint64_t lastNumber_ = 0;
    std::map<uint64_t, Upload> uploads_;
};

}  // namespace netchat::serve
