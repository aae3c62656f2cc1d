#pragma once

// What uploads and downloads need of a v2 session: the seam that lets them be tested without one.

#include <cstdint>
#include <string_view>

#include "protocol/message.h"

namespace netchat::client {

class TransferPort {
  public:
    // Requests can be sent.
    virtual bool open() const = 0;
    // False while the room's join has no answer: an offer waits for it.
    virtual bool mayOffer(std::string_view room) const = 0;
    // What is sent in one chunk, at most.
    virtual uint64_t chunkBytesMax() const = 0;
    // How far a transfer may be ahead of what the other side is known to have.
    virtual uint64_t windowBytes() const = 0;

    virtual void offer(const v2::Offer& offer) = 0;
    virtual void sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes) = 0;
    virtual void cancelUpload(uint64_t transfer) = 0;
    virtual void get(std::string_view sha256, uint64_t at, uint64_t size) = 0;
    virtual void cancelDownload(std::string_view sha256) = 0;
    // The bytes that came are not those of this SHA-256: the server is to look at its own.
    virtual void verify(std::string_view sha256) = 0;

  protected:
    ~TransferPort() = default;
};

}  // namespace netchat::client
