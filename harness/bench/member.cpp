#include "harness/bench/member.h"

#include <utility>

#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::harness {

namespace {

// A sender whose output the server does not take has this much at most.
constexpr size_t kOutBytesKept = 256 * limits::kKiB;

}  // namespace

Member::Member(net::EventLoop& loop, Plan plan, MemberSink& sink)
    : loop_(loop), plan_(std::move(plan)), sink_(sink), reader_(plan_.headerWidth) {
}

Member::~Member() = default;

void Member::connect(const Poco::Net::SocketAddress& address, int64_t timeoutMs) {
    connector_ = std::make_unique<net::Connector>(
        loop_, address, timeoutMs, [this](Result<Poco::Net::StreamSocket> socket) {
            connector_.reset();
            if (!socket) return fail(socket.error().text);
            connection_ = std::make_unique<net::Connection>(loop_, *socket, *this);
            sink_.onConnected(*this);
            greet();
        });
}

void Member::greet() {
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

void Member::onEnd(std::string_view reason) {
    fail(reason.empty() ? "the server ended the connection" : reason);
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
    if (failed_ || !connection_ || written_ == out_.size()) return;
    const iovec rest{out_.data() + written_, out_.size() - written_};
    written_ += connection_->write({&rest, 1});
    if (written_ < out_.size()) return;
    written_ = 0;
    out_.capacity() > kOutBytesKept ? std::string().swap(out_) : out_.clear();
    sink_.onDrained(*this);
}

// ---- input

void Member::onBytes(std::string_view bytes) {
    sink_.onBatch();
    reader_.feed(bytes);
    plan_.dialect == Dialect::Classic ? readClassic() : readV2();
    if (!failed_) reader_.release();
}

void Member::readV2() {
    std::string_view payload;
    while (!failed_) {
        const auto got = reader_.takeField(limits::kFrameBytesMax, payload);
        if (got == FieldReader::State::NeedMore) return;
        if (got == FieldReader::State::Failed) return fail(reader_.error().text);
        takeFrame(payload);
    }
}

void Member::takeFrame(std::string_view payload) {
    // The common one first, and without looking at labels that nobody reads.
    const std::string_view verb = payload.substr(0, payload.find_first_of("\t\n"));
    if (verb == v2::Msg::kVerb) {
        const size_t head = payload.find('\n');
        if (head == std::string_view::npos) return fail("a msg without a head line");
        return sink_.onText(*this, payload.substr(head + 1));
    }
    const auto frame = parseFrame(payload);
    if (!frame) return fail(frame.error().text);
    if (verb == v2::Joined::kVerb) return sink_.onReady(*this);
    if (verb == v2::Data::kVerb) return sink_.onFileBytes(*this, frame->body);
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

void Member::readClassic() {
    while (!failed_) {
        if (next_ == Next::FileBytes) {
            const std::string_view bytes = reader_.takeBytes(fileLeft_);
            fileLeft_ -= bytes.size();
            if (!bytes.empty()) sink_.onFileBytes(*this, bytes);
            if (fileLeft_ > 0) return;
            next_ = Next::Time;
            continue;
        }
        if (next_ == Next::FileSize) {
            const auto got = reader_.takeHeader(UINT64_MAX, fileLeft_);
            if (got == FieldReader::State::NeedMore) return;
            if (got == FieldReader::State::Failed) return fail(reader_.error().text);
            sink_.onFile(*this, fileLeft_, {});
            next_ = Next::FileBytes;
            continue;
        }
        std::string_view field;
        const auto got = reader_.takeField(limits::kFrameBytesMax, field);
        if (got == FieldReader::State::NeedMore) return;
        if (got == FieldReader::State::Failed) return fail(reader_.error().text);
        if (next_ == Next::User) {
            next_ = Next::Text;
        } else if (next_ == Next::Time) {
            next_ = Next::User;
        } else if (!field.empty() && field.back() == '%') {
            next_ = Next::FileSize;
        } else {
            next_ = Next::Time;
            sink_.onText(*this, field);
        }
    }
}

}  // namespace netchat::harness
