#include "harness/bench/member.h"

#include <algorithm>
#include <utility>

#include "harness/bench/item.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::harness {

namespace {

// A sender whose output the server does not take has this much at most.
constexpr size_t kOutBytesKept = 256 * limits::kKiB;

}  // namespace

Member::Member(net::EventLoop& loop, Plan plan, MemberSink& sink)
    : loop_(loop), plan_(std::move(plan)), sink_(sink), socket_(loop, *this) {
}

void Member::connect(const Poco::Net::SocketAddress& address) {
    plan_.tls ? socket_.connect(address, plan_.index, *plan_.tls)
              : socket_.connect(address, plan_.index);
}

void Member::onOpen() {
    if (plan_.dialect == Dialect::Classic) {
        appendField(out_, plan_.headerWidth, plan_.nick);
        flush();
        return sink_.onReady(*this);
    }
    v2::encode(out_, v2::Hello{.nick = plan_.nick, .session = {}, .auth = {}});
    v2::encode(out_, v2::Join{.room = plan_.room, .since = {}});
    flush();
}

void Member::fail(std::string_view why) {
    if (std::exchange(failed_, true)) return;
    sink_.onFailed(*this, why);
}

// ---- output

void Member::say(std::string_view text) {
    if (plan_.dialect == Dialect::Classic) return appendField(out_, plan_.headerWidth, text);
    const std::string id = std::to_string(++lastId_);
    v2::encode(out_, v2::Say{.room = plan_.room, .id = id, .text = text});
}

// Classic: the file's name and the header of its bytes, which follow as chunks.
void Member::offer(std::string_view name, uint64_t size, std::string_view sha256) {
    if (plan_.dialect == Dialect::Classic) {
        appendField(out_, plan_.headerWidth, std::string(name) + "%");
        return appendHeader(out_, plan_.headerWidth, size);
    }
    const std::string id = std::to_string(++lastId_);
    v2::encode(out_, v2::Offer{plan_.room, id, name, size, sha256});
}

void Member::sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes) {
    if (plan_.dialect == Dialect::Classic) {
        out_ += bytes;
        return;
    }
    v2::encode(out_, v2::Data{.transfer = transfer, .sha256 = {}, .off = off, .bytes = bytes});
}

void Member::get(std::string_view sha256) {
    v2::encode(out_, v2::Get{.sha256 = sha256, .at = 0, .len = 0});
}

void Member::flush() {
    if (failed_ || !socket_.open() || written_ == out_.size()) return;
    written_ += socket_.write(std::string_view(out_).substr(written_));
    if (written_ < out_.size()) return;
    written_ = 0;
    out_.capacity() > kOutBytesKept ? std::string().swap(out_) : out_.clear();
    sink_.onDrained(*this);
}

void Member::flushSoon() {
    loop_.post([this] { flush(); });
}

// ---- input

void Member::onBytes(std::string_view bytes) {
    sink_.onBatch();
    std::string joined;  // what came with what had come before it, where that is needed
    const auto join = [&](std::string before) {
        before += bytes;
        joined = std::move(before);
        bytes = joined;
    };
    if (!held_.empty()) {
        held_.erase(0, sink_.onStream(*this, held_));
        if (!held_.empty()) join(std::exchange(held_, {}));
    }
    while (!failed_ && !bytes.empty()) {
        const bool inFile = fileLeft_ > 0 || timeDue_;
        size_t taken = inFile ? takeOfFile(bytes) : sink_.onStream(*this, bytes);
        if (taken == 0 && !inFile) {
            if (std::string begun = sink_.onStrayed(*this); !begun.empty()) {
                join(std::move(begun));
                continue;
            }
            taken = takeItem(bytes);
        }
        if (taken == 0) break;
        bytes.remove_prefix(taken);
    }
    held_ = bytes;
}

size_t Member::takeOfFile(std::string_view bytes) {
    if (fileLeft_ == 0) {
        const size_t size = firstField(plan_.headerWidth, bytes);
        timeDue_ = size == 0;
        return size;
    }
    const auto part = bytes.substr(0, std::min<uint64_t>(fileLeft_, bytes.size()));
    fileLeft_ -= part.size();
    sink_.onFileBytes(*this, part);
    return part.size();
}

// 0: more bytes are needed.
size_t Member::takeItem(std::string_view bytes) {
    const WireItem item = firstItem(plan_.dialect, plan_.headerWidth, bytes);
    switch (item.kind) {
        case WireItem::Kind::Part:
            break;
        case WireItem::Kind::Broken:
            fail("received invalid data");
            break;
        case WireItem::Kind::Text:
            sink_.onText(*this, bytes.substr(0, item.size), item.text);
            break;
        case WireItem::Kind::Frame:
            takeFrame(item.text);
            break;
        case WireItem::Kind::Bytes:
            fileLeft_ = item.follow;
            timeDue_ = plan_.dialect == Dialect::Classic;
            if (timeDue_) sink_.onFile(*this, fileLeft_, {});
            break;
    }
    return item.size;
}

void Member::takeFrame(std::string_view payload) {
    const auto frame = parseFrame(payload);
    if (!frame) return fail(frame.error().text);
    const std::string_view verb = frame->verb;
    if (verb == v2::Joined::kVerb) return sink_.onReady(*this);
    if (verb == v2::Failure::kVerb || verb == v2::Bye::kVerb) {
        return fail(frame->body.empty() ? verb : frame->body);
    }
    if (verb == v2::File::kVerb) {
        const auto file = v2::decode<v2::File>(*frame);
        if (!file) return fail(file.error().text);
        return sink_.onFile(*this, file->size, file->sha256);
    }
    if (verb == v2::Accept::kVerb) {
        const auto accept = v2::decode<v2::Accept>(*frame);
        if (!accept) return fail(accept.error().text);
        sink_.onAccepted(*this, accept->transfer);
    }
}

}  // namespace netchat::harness
