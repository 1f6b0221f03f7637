// The mode of one library: see fake_module.cpp.
extern "C" const char* const gyro_fake_mode;
const char* const gyro_fake_mode = GYRO_FAKE_MODE;
