// The codec: what both dialects cost for each message that is read or written.

#include <cstdlib>
#include <string>

#include "protocol/classic.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "tests/bench/scenario.h"

namespace netchat::bench {

namespace {

constexpr size_t kMessages = 64;  // in a step, as in one read
constexpr size_t kWidth = limits::kHeaderWidth;
constexpr int64_t kMoment = 1'700'000'000'000;

std::string textOf(size_t bytes) {
    return std::string(bytes, 'x');
}

std::string repeated(const std::string& one) {
    std::string out;
    for (size_t i = 0; i < kMessages; ++i) out += one;
    return out;
}

std::string sayFrame(size_t textBytes) {
    std::string out;
    const std::string text = textOf(textBytes);
    v2::encode(out, v2::Say{.room = "lobby", .id = "1234", .text = text});
    return out;
}

void must(bool good) {
    if (!good) std::abort();
}

class ReadFields : public Scenario {
  public:
    explicit ReadFields(size_t textBytes) : bytes_(repeated(sayFrame(textBytes))) {}
    void step() override {
        reader_.feed(bytes_);
        std::string_view payload;
        size_t count = 0;
        while (reader_.takeField(limits::kFrameBytesMax, payload) == FieldReader::State::Ready) {
            ++count;
        }
        reader_.release();
        must(count == kMessages);
    }
    size_t items() const override { return kMessages; }

  private:
    std::string bytes_;
    FieldReader reader_{kWidth};
};

class DecodeSays : public Scenario {
  public:
    explicit DecodeSays(size_t textBytes) : payload_(sayFrame(textBytes).substr(kWidth)) {}
    void step() override {
        for (size_t i = 0; i < kMessages; ++i) {
            const auto frame = parseFrame(payload_);
            must(frame && v2::decode<v2::Say>(*frame));
        }
    }
    size_t items() const override { return kMessages; }

  private:
    std::string payload_;
};

class EncodeMsgs : public Scenario {
  public:
    explicit EncodeMsgs(size_t textBytes) : text_(textOf(textBytes)) {}
    void step() override {
        out_.clear();
        for (size_t i = 0; i < kMessages; ++i) {
            v2::encode(out_, v2::Msg{.room = "lobby",
                                     .seq = 100'000 + i,
                                     .time = kMoment,
                                     .from = "alice",
                                     .user = 7,
                                     .id = "1234",
                                     .again = 0,
                                     .text = text_});
        }
    }
    size_t items() const override { return kMessages; }

  private:
    std::string text_, out_;
};

class ReadClassic : public Scenario {
  public:
    explicit ReadClassic(size_t textBytes) {
        std::string one;
        appendField(one, kWidth, textOf(textBytes));
        bytes_ = repeated(one);
        std::string name;
        appendField(name, kWidth, "alice");
        reader_.feed(name);
        must(reader_.next() == classic::ClientReader::Event::Name);
        must(reader_.next() == classic::ClientReader::Event::NeedMore);
        reader_.release();
    }
    void step() override {
        reader_.feed(bytes_);
        size_t count = 0;
        while (reader_.next() == classic::ClientReader::Event::Text) ++count;
        reader_.release();
        must(count == kMessages);
    }
    size_t items() const override { return kMessages; }

  private:
    Utf8Charset charset_;
    classic::ClientReader reader_{{kWidth, charset_}, limits::kMiB};
    std::string bytes_;
};

class EncodeClassic : public Scenario {
  public:
    explicit EncodeClassic(size_t textBytes) : text_(textOf(textBytes)) {}
    void step() override {
        out_.clear();
        for (size_t i = 0; i < kMessages; ++i) {
            must(bool(classic::appendMessage(out_, {kWidth, charset_}, "alice", text_, kMoment)));
        }
    }
    size_t items() const override { return kMessages; }

  private:
    Utf8Charset charset_;
    std::string text_, out_;
};

template <class S>
void addCodecScenario(std::vector<Named>& out, const std::string& name) {
    for (const size_t bytes : {64, 1024}) {
        out.push_back({"codec/" + name + "/" + std::to_string(bytes) + "B",
                       [bytes] { return std::make_unique<S>(bytes); }});
    }
}

}  // namespace

void addCodec(std::vector<Named>& out) {
    addCodecScenario<ReadFields>(out, "read_fields");
    addCodecScenario<DecodeSays>(out, "decode_say");
    addCodecScenario<EncodeMsgs>(out, "encode_msg");
    addCodecScenario<ReadClassic>(out, "read_classic");
    addCodecScenario<EncodeClassic>(out, "encode_classic");
}

}  // namespace netchat::bench
